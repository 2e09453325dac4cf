// Errors at the syscall edge, for test_host_failing.py: preloaded into the supervisor and its shim, told what to do by the
// file NOVA_FAULTS names, which a test rewrites while they run. Must never change a call the file does not speak of.
//
//   write ERRNO TEXT   fsync ERRNO TEXT   open ERRNO TEXT    on files whose path holds TEXT
//   slow MILLISECONDS TEXT                                  until a file whose path holds TEXT is on the disk
//   clone3 ERRNO                                             no child can be made
//   clock REALTIME_OFFSET BOOTTIME_OFFSET                    seconds that the clocks are off
//   overflow                                                 inotify lost what it had
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// The system call itself: what is replaced here must not call itself.
static long raw(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static long answer(long result) {
  if (result >= -4095 && result < 0) {
    errno = (int)-result;
    return -1;
  }
  return result;
}

// The control file's text; empty without one. Read anew each time: a test changes it under us.
static const char *orders(char *text, long room) {
  const char *path = getenv("NOVA_FAULTS");
  text[0] = 0;
  if (!path) return text;
  long file = raw(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
  if (file < 0) return text;
  long count = raw(SYS_read, file, (long)text, room - 1, 0, 0, 0);
  raw(SYS_close, file, 0, 0, 0, 0, 0);
  text[count > 0 ? count : 0] = 0;
  return text;
}

static const char *line(const char *text, const char *word) {
  size_t length = strlen(word);
  for (const char *at = text; *at;) {
    if (strncmp(at, word, length) == 0 && (at[length] == ' ' || at[length] == '\n' || !at[length])) return at + length;
    const char *end = strchr(at, '\n');
    if (!end) break;
    at = end + 1;
  }
  return NULL;
}

// The errno that a call on `path` should fail with; 0: it is let through.
static int fault(const char *word, const char *path) {
  char text[1024], part[512];
  int number = 0;
  const char *said = line(orders(text, sizeof text), word);
  if (!said || sscanf(said, " %d %511s", &number, part) != 2 || !path) return 0;
  return strstr(path, part) ? number : 0;
}

static int fault_of(const char *word, int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  long count = raw(SYS_readlinkat, AT_FDCWD, (long)link, (long)path, sizeof path - 1, 0, 0);
  if (count < 0) return 0;
  path[count] = 0;
  return fault(word, path);
}

#define FAIL_ON(word, fd)                \
  do {                                   \
    int number = fault_of(word, fd);     \
    if (number) {                        \
      errno = number;                    \
      return -1;                         \
    }                                    \
  } while (0)

ssize_t write(int fd, const void *bytes, size_t count) {
  FAIL_ON("write", fd);
  return answer(raw(SYS_write, fd, (long)bytes, (long)count, 0, 0, 0));
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  FAIL_ON("write", fd);
  return answer(raw(SYS_pwrite64, fd, (long)bytes, (long)count, at, 0, 0));
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite64(fd, bytes, count, at); }
// A disk that takes its time: only the thread that waits for it is held.
static void stall(int fd) {
  long delay = fault_of("slow", fd);
  if (delay) nanosleep(&(struct timespec){.tv_sec = delay / 1000, .tv_nsec = delay % 1000 * 1000000}, NULL);
}

int fsync(int fd) {
  FAIL_ON("fsync", fd);
  stall(fd);
  return (int)answer(raw(SYS_fsync, fd, 0, 0, 0, 0, 0));
}
int fdatasync(int fd) {
  FAIL_ON("fsync", fd);
  stall(fd);
  return (int)answer(raw(SYS_fdatasync, fd, 0, 0, 0, 0, 0));
}

static int opened(const char *path, int flags, mode_t mode) {
  int number = fault("open", path);
  if (number) {
    errno = number;
    return -1;
  }
  return (int)answer(raw(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0, 0));
}
int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(path, flags, mode);
}

ssize_t read(int fd, void *bytes, size_t count) {
  long got = raw(SYS_read, fd, (long)bytes, (long)count, 0, 0, 0);
  if (got >= (long)sizeof(struct inotify_event)) {
    char link[64], path[64], text[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long length = raw(SYS_readlinkat, AT_FDCWD, (long)link, (long)path, sizeof path - 1, 0, 0);
    path[length > 0 ? length : 0] = 0;
    if (strcmp(path, "anon_inode:inotify") == 0 && line(orders(text, sizeof text), "overflow")) {
      struct inotify_event lost = {.wd = -1, .mask = IN_Q_OVERFLOW};
      memcpy(bytes, &lost, sizeof lost);
      return sizeof lost;
    }
  }
  return answer(got);
}

long syscall(long number, ...) {
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  // clone3 with arguments; without them it is only asked whether it exists.
  if (number == SYS_clone3 && a[0]) {
    char text[1024];
    const char *said = line(orders(text, sizeof text), "clone3");
    if (said) {
      errno = atoi(said);
      return -1;
    }
  }
  return answer(raw(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

static long offset(clockid_t clock) {
  char text[1024];
  long realtime = 0, boottime = 0;
  const char *said = line(orders(text, sizeof text), "clock");
  if (said) sscanf(said, " %ld %ld", &realtime, &boottime);
  return clock == CLOCK_REALTIME ? realtime : clock == CLOCK_BOOTTIME ? boottime : 0;
}
int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)answer(raw(SYS_clock_gettime, clock, (long)time, 0, 0, 0, 0));
  if (result == 0) time->tv_sec += offset(clock);
  return result;
}
int gettimeofday(struct timeval *time, void *zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
