// A power cut at the syscall edge, for test_power.py: preloaded into the supervisor. What is written to the state database
// and its journal is remembered with what stood there before, until it is flushed; when the file that NOVA_POWER names
// appears, everything that was not flushed is taken back, in the order in which it came, and the process is killed. So the
// files are what a disk holds that kept nothing but what it was told to keep. Must never touch another file.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct undo {
  struct undo *before;
  int fd;
  ino_t file;
  off_t at;
  off_t size;  // of the file, before
  size_t count;
  char old[];
};

static struct undo *last;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_truncate)(int, off_t);
static int (*real_fdatasync)(int), (*real_fsync)(int);

__attribute__((constructor)) static void find(void) {
  *(void **)&real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  *(void **)&real_truncate = dlsym(RTLD_NEXT, "ftruncate64");
  *(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  *(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
}

// Whether it is the database or its journal; the index of the journal is made anew from it and is no matter.
static int is_ours(int fd) {
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t count = readlink(name, path, sizeof path - 1);
  if (count < 0) return 0;
  path[count] = 0;
  const char *base = strrchr(path, '/');
  return base && (!strcmp(base, "/nova.db") || !strcmp(base, "/nova.db-wal"));
}

// The lights go out: what was not flushed was never there.
static void cut(void) {
  for (struct undo *one = last; one; one = one->before) {
    struct stat status;
    // A number may have become another file's.
    if (fstat(one->fd, &status) || status.st_ino != one->file) continue;
    if (one->count) real_pwrite(one->fd, one->old, one->count, one->at);
    real_truncate(one->fd, one->size);
  }
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void remember(int fd, off_t at, size_t count) {
  struct stat status;
  if (fstat(fd, &status)) return;
  size_t there = at < status.st_size ? (size_t)(status.st_size - at) : 0;
  if (there > count) there = count;
  struct undo *one = malloc(sizeof *one + there);
  if (!one) abort();
  *one = (struct undo){last, fd, status.st_ino, at, status.st_size, there};
  if (there && pread(fd, one->old, there, at) != (ssize_t)there) abort();
  last = one;
}

// What was written to a file is on the disk now.
static void forget(int fd) {
  struct stat status;
  if (fstat(fd, &status)) return;
  for (struct undo **at = &last; *at;) {
    struct undo *one = *at;
    if (one->file != status.st_ino) {
      at = &one->before;
      continue;
    }
    *at = one->before;
    free(one);
  }
}

static int is_cut(void) {
  const char *path = getenv("NOVA_POWER");
  return path && access(path, F_OK) == 0;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) {
  if (!is_ours(fd)) return real_pwrite(fd, bytes, count, at);
  pthread_mutex_lock(&turn);
  remember(fd, at, count);
  ssize_t written = real_pwrite(fd, bytes, count, at);
  if (is_cut()) cut();
  pthread_mutex_unlock(&turn);
  return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite64(fd, bytes, count, at); }

int ftruncate64(int fd, off_t size) {
  if (!is_ours(fd)) return real_truncate(fd, size);
  pthread_mutex_lock(&turn);
  struct stat status;
  if (!fstat(fd, &status) && size < status.st_size) remember(fd, size, (size_t)(status.st_size - size));
  int result = real_truncate(fd, size);
  pthread_mutex_unlock(&turn);
  return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int flush(int fd, int (*real)(int)) {
  if (!is_ours(fd)) return real(fd);
  pthread_mutex_lock(&turn);
  // Half of the cuts come in the moment before the disk has it.
  if (is_cut()) cut();
  int result = real(fd);
  if (!result) forget(fd);
  pthread_mutex_unlock(&turn);
  return result;
}

int fdatasync(int fd) { return flush(fd, real_fdatasync); }
int fsync(int fd) { return flush(fd, real_fsync); }
