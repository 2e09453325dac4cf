// A worker that computes for two milliseconds each second: its share of a CPU is another one at each reading.
// Must never say anything, nor end by itself.
#include <time.h>

static long long now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void) {
  for (unsigned turn = 0;; turn++) {
    // Two to three of them, so that no two seconds are alike.
    long long end = now(CLOCK_PROCESS_CPUTIME_ID) + 2000000 + (turn * 7919u % 1000) * 1000;
    while (now(CLOCK_PROCESS_CPUTIME_ID) < end) {
    }
    struct timespec second = {.tv_sec = 1};
    nanosleep(&second, 0);
  }
}
