// Callers of a model, each on a connection of its own that is kept: microseconds until the first byte of each answer, until its
// end, and from each event's sending to its coming. usage: callers PORT KEY CONNECTIONS CALLS stream|whole [PATH]
// Prints a line of numbers a figure: `first N N N …`, `whole …`, `event …`; and `failed N` for calls that were not answered 200.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { room = 1 << 16, most = 2000000 };
struct one { int fd, have, first; int64_t began; char *text; } *ones;
static float *firsts, *wholes, *events;
static int first_count, whole_count, event_count, failed;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void print(const char *name, float *list, int count) {
  printf("%s", name);
  for (int i = 0; i < count; i++) printf(" %.1f", list[i]);
  printf("\n");
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  int connections = atoi(argv[3]), calls = atoi(argv[4]), stream = !strcmp(argv[5], "stream"), on = 1, sent = 0, done = 0;
  const char *path = argc > 6 ? argv[6] : "/v1/messages";
  char body[300], request[1200];
  int size = snprintf(body, sizeof body, "{\"model\":\"bench\",\"max_tokens\":100,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"hello, how are you today?\"}]}", stream ? "true" : "false");
  int total = snprintf(request, sizeof request, "POST %s HTTP/1.1\r\nHost: x\r\nx-api-key: %s\r\nAuthorization: Bearer %s\r\nanthropic-version: 2023-06-01\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, argv[2], argv[2], size, body);
  ones = calloc(connections, sizeof *ones);
  firsts = malloc(most * sizeof *firsts); wholes = malloc(most * sizeof *wholes); events = malloc(most * sizeof *events);
  int poller = epoll_create1(0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (int i = 0; i < connections; i++) {
    struct one *it = &ones[i];
    it->fd = socket(AF_INET, SOCK_STREAM, 0);
    it->text = malloc(room);
    if (connect(it->fd, (void *)&at, sizeof at)) { perror("callers"); return 1; }
    setsockopt(it->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event told = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(poller, EPOLL_CTL_ADD, it->fd, &told);
  }
  struct epoll_event found[256];
  int begun = 0;
  int64_t start = now();
  while (done < sent || sent < calls) {
    // Not all at once: streams that begin together would have all their events together.
    for (; begun < connections && sent < calls && (!stream || now() >= start + begun * 4000000ll); begun++, sent++) {
      ones[begun].began = now();
      if (write(ones[begun].fd, request, total) != total) return 1;
    }
    int isWaiting = begun < connections && sent < calls, count = epoll_wait(poller, found, 256, isWaiting ? 1 : 20000);
    if (count <= 0 && !isWaiting) { fprintf(stderr, "callers: nothing came for 20 s\n"); return 1; }
    for (int k = 0; k < count; k++) {
      struct one *it = &ones[found[k].data.u32];
      int n = read(it->fd, it->text + it->have, room - 1 - it->have);
      int64_t moment = now();
      if (n <= 0) { fprintf(stderr, "callers: a connection ended\n"); return 1; }
      char *fresh = it->text + it->have;
      it->have += n;
      it->text[it->have] = 0;
      if (!it->first && first_count < most) firsts[first_count++] = (moment - it->began) / 1e3;
      it->first = 1;
      for (char *t = fresh; (t = strstr(t, "\"t\":\"")); t += 5)
        if (event_count < most) events[event_count++] = (moment - atoll(t + 5)) / 1e3;
      int over = 0, good = !strncmp(it->text, "HTTP/1.1 200", 12);
      char *end = strstr(it->text, "\r\n\r\n"), *length = strcasestr(it->text, "content-length:");
      if (end && length && length < end) over = it->have >= end + 4 - it->text + atoi(length + 15);
      else over = it->have >= 5 && !memcmp(it->text + it->have - 5, "0\r\n\r\n", 5);
      if (it->have > room - 8192 && !over) {
        // The head and the tail are all that is looked at.
        memmove(it->text + 4096, it->text + it->have - 1024, 1025);
        it->have = 4096 + 1024;
      }
      if (!over) continue;
      if (!good) failed++;
      if (whole_count < most) wholes[whole_count++] = (moment - it->began) / 1e3;
      done++;
      it->have = it->first = 0;
      if (sent >= calls) continue;
      sent++;
      it->began = now();
      if (write(it->fd, request, total) != total) return 1;
    }
  }
  print("first", firsts, first_count);
  print("whole", wholes, whole_count);
  print("event", events, event_count);
  printf("failed %d\n", failed);
}
