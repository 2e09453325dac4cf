// Of our own children and our own program: who has ended, reaping by pid, launching the shim.
// Must never wait for "any child": that would take the status of one that belongs to a library.
#define _GNU_SOURCE
#include "CNovaSys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int32_t nova_next_dead(void) {
  siginfo_t info = {0};
  int result;
  while ((result = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT)) < 0 && errno == EINTR) {
  }
  return result < 0 ? (errno == ECHILD ? 0 : -errno) : info.si_pid;
}

int32_t nova_reap(int32_t pid, struct nova_exit *exit) {
  int status = 0;
  struct rusage usage = {0};
  pid_t result;
  while ((result = wait4(pid, &status, WNOHANG, &usage)) < 0 && errno == EINTR) {
  }
  if (result <= 0) return result < 0 ? -errno : 0;
  exit->pid = pid;
  exit->signaled = WIFSIGNALED(status);
  exit->dumped = WIFSIGNALED(status) && WCOREDUMP(status);
  exit->number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  exit->code = status;
  exit->user_usec = (uint64_t)usage.ru_utime.tv_sec * 1000000u + (uint64_t)usage.ru_utime.tv_usec;
  exit->system_usec = (uint64_t)usage.ru_stime.tv_sec * 1000000u + (uint64_t)usage.ru_stime.tv_usec;
  exit->max_rss_kib = (uint64_t)usage.ru_maxrss;
  return 1;
}

int32_t nova_set_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -errno : 0; }

// LimitCORE=0 is not enough: where cores go to a program, the kernel does not look at the limit (core(5)).
void nova_forbid_dumps(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int32_t nova_memfd(const char *name) {
  int fd = memfd_create(name, MFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int32_t nova_pipe(int32_t ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0; }

int32_t nova_launch(const char *path, char *const *argv, int32_t log) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int failed = posix_spawn_file_actions_init(&actions);
  if (failed) return -failed;
  failed = posix_spawnattr_init(&attributes);
  if (failed) {
    posix_spawn_file_actions_destroy(&actions);
    return -failed;
  }
  pid_t pid = 0;
  if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, log, 2);
  if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, 2, 1);
  if (!failed) failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (!failed) failed = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  if (!failed) failed = posix_spawnattr_setsigmask(&attributes, &none);
  if (!failed) failed = posix_spawnattr_setsigdefault(&attributes, &all);
  if (!failed)
    failed = posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  if (!failed) failed = posix_spawn(&pid, path, &actions, &attributes, argv, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failed ? -failed : pid;
}
