// A set of descriptors of which the ready ones are told together, see epoll(7).

#include "CNovaSys.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

int32_t nova_epoll_make(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int32_t nova_epoll_set(int32_t set, int32_t fd, uint32_t events, int32_t is_new) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  return epoll_ctl(set, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) < 0 ? -errno : 0;
}

int32_t nova_epoll_remove(int32_t set, int32_t fd) {
  struct epoll_event ignored;
  return epoll_ctl(set, EPOLL_CTL_DEL, fd, &ignored) < 0 ? -errno : 0;
}

int32_t nova_epoll_ready(int32_t set, struct nova_ready *ready, int32_t room) {
  struct epoll_event events[64];
  int count = epoll_wait(set, events, room < 64 ? room : 64, 0);
  for (int i = 0; i < count; i++) ready[i] = (struct nova_ready){events[i].data.fd, events[i].events};
  return count < 0 ? -errno : count;
}
