// A worker that says when it began: one line "SLOT PID NANOSECONDS" (CLOCK_MONOTONIC) into a FIFO, then it becomes
// `sleep`. Every contestant of the benchmark runs it, so what it costs itself is the same for all.
// usage: worker FIFO SLOT
// Must never write more than PIPE_BUF bytes, so that lines stay whole.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments) {
  struct timespec now;
  char line[128];
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (count != 3) return 2;
  int fifo = open(arguments[1], O_WRONLY | O_CLOEXEC);
  if (fifo < 0) return 1;
  int n = snprintf(line, sizeof line, "%s %d %lld\n", arguments[2], (int)getpid(),
                   now.tv_sec * 1000000000LL + now.tv_nsec);
  if (n <= 0 || n >= (int)sizeof line || write(fifo, line, n) != n) return 1;
  execl("/bin/sleep", "sleep", "100000", (char *)0);
  return 1;
}
