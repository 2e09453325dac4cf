// The limit to compare with: the least a C program can do. One process clone3's N workers into cgroups (w-1 … w-N below
// a group of its own), holds their pidfds in one epoll and starts again at once whatever ends. SIGTERM: stop all, go;
// SIGUSR1: the same by cgroup.kill.
// usage: bare CGROUP N WORKER FIFO [read]     read: pread what a supervisor's readings need, once a second
// Must never grow a feature: no configuration, no log, no record, no API.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

// What nova-supervisor reads of an instance on a host without controllers; absent ones are skipped.
static const char *const files[] = {"cpu.stat", "io.stat", "cpu.pressure", "memory.pressure", "io.pressure",
                                    "memory.current", "memory.stat", "memory.peak", "pids.current",
                                    "cgroup.threads", "cgroup.procs", "cgroup.stat"};
enum { FILES = sizeof files / sizeof *files };

struct slot {
  int group, pidfd, pid, statm, files[FILES];
};
static struct slot *slots;
static char **words;
static int poll_set, stopping;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void start(int index) {
  struct slot *slot = &slots[index];
  struct clone_args how = {.flags = CLONE_INTO_CGROUP | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
                           .pidfd = (uintptr_t)&slot->pidfd,
                           .exit_signal = SIGCHLD,
                           .cgroup = slot->group};
  long pid = syscall(SYS_clone3, &how, sizeof how);
  if (pid < 0) die("clone3");
  if (pid == 0) {
    char name[16];
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    setsid();
    snprintf(name, sizeof name, "%d", index + 1);
    execl(words[3], "worker", words[4], name, (char *)0);
    _exit(127);
  }
  slot->pid = pid;
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
  if (epoll_ctl(poll_set, EPOLL_CTL_ADD, slot->pidfd, &event)) die("epoll_ctl");
}

static void kill_group(int index) {
  int fd = openat(slots[index].group, "cgroup.kill", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "1", 1) != 1) die("cgroup.kill");
  close(fd);
}

static void open_files(int index) {
  char path[PATH_MAX];
  struct slot *slot = &slots[index];
  for (int i = 0; i < FILES; i++) slot->files[i] = openat(slot->group, files[i], O_RDONLY | O_CLOEXEC);
  snprintf(path, sizeof path, "/proc/%d/statm", slot->pid);
  slot->statm = open(path, O_RDONLY | O_CLOEXEC);
}

static void read_files(int index) {
  static char buffer[8192];
  struct slot *slot = &slots[index];
  for (int i = 0; i < FILES; i++)
    if (slot->files[i] >= 0 && pread(slot->files[i], buffer, sizeof buffer, 0) < 0) continue;
  if (slot->statm >= 0 && pread(slot->statm, buffer, sizeof buffer, 0) < 0) return;
}

int main(int count, char **arguments) {
  if (count < 5) return 2;
  words = arguments;
  int n = atoi(arguments[2]), left = n;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  slots = calloc(n, sizeof *slots);
  poll_set = epoll_create1(EPOLL_CLOEXEC);
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigaddset(&term, SIGUSR1);
  sigprocmask(SIG_BLOCK, &term, 0);
  int signals = signalfd(-1, &term, SFD_CLOEXEC), timer = -1;
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = n};
  epoll_ctl(poll_set, EPOLL_CTL_ADD, signals, &event);
  if (mkdir(arguments[1], 0755) && errno != EEXIST) die(arguments[1]);
  for (int i = 0; i < n; i++) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/w-%d", arguments[1], i + 1);
    if (mkdir(path, 0755) && errno != EEXIST) die(path);
    slots[i].group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (slots[i].group < 0) die(path);
    start(i);
  }
  if (count > 5) {
    struct itimerspec second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
    for (int i = 0; i < n; i++) open_files(i);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    timerfd_settime(timer, 0, &second, 0);
    event.data.u32 = n + 1;
    epoll_ctl(poll_set, EPOLL_CTL_ADD, timer, &event);
  }
  while (left > 0) {
    struct epoll_event events[64];
    int found = epoll_wait(poll_set, events, 64, -1);
    for (int e = 0; e < found; e++) {
      int index = events[e].data.u32;
      if (index == n) {
        struct signalfd_siginfo what;
        if (stopping || read(signals, &what, sizeof what) < 0) continue;
        stopping = 1;
        for (int i = 0; i < n; i++)
          if (what.ssi_signo == SIGUSR1) kill_group(i);
          else syscall(SYS_pidfd_send_signal, slots[i].pidfd, SIGTERM, 0, 0);
      } else if (index == n + 1) {
        uint64_t ticks;
        if (read(timer, &ticks, sizeof ticks) < 0) continue;
        for (int i = 0; i < n; i++) read_files(i);
      } else {
        siginfo_t end = {0};
        if (waitid(P_PIDFD, slots[index].pidfd, &end, WEXITED | WNOHANG) || end.si_pid == 0) continue;
        // A child that has not executed yet holds a copy, so close(2) alone would leave it in the set.
        epoll_ctl(poll_set, EPOLL_CTL_DEL, slots[index].pidfd, 0);
        close(slots[index].pidfd);
        if (stopping) left--;
        else start(index);
      }
    }
  }
  for (int i = 0; i < n; i++) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/w-%d", arguments[1], i + 1);
    rmdir(path);
  }
  rmdir(arguments[1]);
  return 0;
}
