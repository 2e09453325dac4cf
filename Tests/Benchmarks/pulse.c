// A worker that computes for half a millisecond each second: its share of a CPU is another one at each reading, and five hundred
// of them take an eighth of two processors.
// Must never say anything, nor end by itself.
#include <time.h>

static long long now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void) {
  for (unsigned turn = 0;; turn++) {
    // A quarter to three quarters, so that no two seconds are alike.
    long long end = now(CLOCK_PROCESS_CPUTIME_ID) + 250000 + (turn * 7919u % 1000) * 500;
    while (now(CLOCK_PROCESS_CPUTIME_ID) < end) {
    }
    struct timespec second = {.tv_sec = 1};
    nanosleep(&second, 0);
  }
}
