// A worker that talks: so many lines of 100 bytes on standard output, buffered as stdio buffers a pipe, then the
// nanoseconds it took into a FIFO, then it sleeps.
// usage: chatter LINES FIFO
// Must never be slower than what takes its lines.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 100, BLOCK = 4000 };

int main(int count, char **arguments) {
  static char block[BLOCK];
  struct timespec begin, end;
  if (count != 3) return 2;
  long lines = atol(arguments[1]);
  int fifo = open(arguments[2], O_WRONLY | O_CLOEXEC);
  if (fifo < 0) return 1;
  memset(block, 'x', sizeof block);
  for (size_t at = LINE - 1; at < sizeof block; at += LINE) block[at] = '\n';
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (long left = lines * LINE; left > 0;) {
    // 40 whole lines: about what a full buffer of stdio holds.
    ssize_t n = write(1, block, left < BLOCK ? (size_t)left : BLOCK);
    if (n <= 0) return 1;
    left -= n;
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  char text[64];
  int size = snprintf(text, sizeof text, "%lld\n",
                      (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec);
  if (write(fifo, text, size) != size) return 1;
  for (;;) pause();
}
