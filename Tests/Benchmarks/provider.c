// A provider of model calls that costs next to nothing: canned answers of Anthropic's form, whole or as a stream whose events
// carry the moment at which they were sent. usage: provider PORT EVENTS MICROSECONDS (between two events of a stream)
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

enum { most = 20000, room = 65536 };
struct one { char *text; int have, left; int64_t due; } ones[most];

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void say(int fd, const char *text, int size) {
  for (int done = 0; done < size;) {
    int n = write(fd, text + done, size - done);
    if (n < 0 && errno != EAGAIN) return;
    if (n > 0) done += n;
  }
}

static const char usage[] = "\"usage\":{\"input_tokens\":100,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":%d}";

static void chunk(int fd, const char *event) {
  char text[1024];
  say(fd, text, snprintf(text, sizeof text, "%zx\r\n%s\r\n", strlen(event), event));
}

// One event of a stream; the last ones end it.
static void step(int fd, struct one *it, int events) {
  char text[700], end[120];
  if (it->left > 0) {
    snprintf(text, sizeof text, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"t\":\"%lld\",\"delta\":{\"type\":\"text_delta\",\"text\":\"word \"}}\n\n", (long long)now());
    it->left--;
  } else {
    snprintf(end, sizeof end, usage, events);
    snprintf(text, sizeof text, "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},%s}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", end);
    it->due = 0;
  }
  chunk(fd, text);
  if (!it->due) chunk(fd, "");
}

int main(int argc, char **argv) {
  int events = argc > 2 ? atoi(argv[2]) : 20, pace = argc > 3 ? atoi(argv[3]) : 5000, on = 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poller = epoll_create1(0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (void *)&at, sizeof at) || listen(listener, 4096)) { perror("provider"); return 1; }
  struct epoll_event told = {.events = EPOLLIN, .data.fd = listener}, found[256];
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &told);
  int streams = 0;
  unsigned begun = 0;
  for (;;) {
    int count = epoll_wait(poller, found, 256, streams ? 1 : -1);
    for (int i = 0; i < count; i++) {
      int fd = found[i].data.fd;
      if (fd == listener) {
        while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) {
          if (fd >= most) { close(fd); continue; }
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          told.data.fd = fd;
          epoll_ctl(poller, EPOLL_CTL_ADD, fd, &told);
          ones[fd] = (struct one){.text = malloc(room)};
        }
        continue;
      }
      struct one *it = &ones[fd];
      int n = read(fd, it->text + it->have, room - 1 - it->have);
      if (n < 0 && errno == EAGAIN) continue;
      if (n <= 0) {
        if (it->due) streams--;
        free(it->text);
        it->due = 0;
        close(fd);
        continue;
      }
      it->have += n;
      it->text[it->have] = 0;
      char *body = strstr(it->text, "\r\n\r\n"), *length = strcasestr(it->text, "content-length:");
      if (!body || !length || it->have - (body + 4 - it->text) < atoi(length + 15)) continue;
      it->have = 0;
      // Some write a space after the colon.
      if (strstr(body, "\"stream\":true") || strstr(body, "\"stream\": true")) {
        const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        say(fd, head, sizeof head - 1);
        char start[300], use[120];
        snprintf(use, sizeof use, usage, 1);
        snprintf(start, sizeof start, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"bench\",%s}}\n\n", use);
        chunk(fd, start);
        // Half to one and a half times as many, as answers are: streams of one length fall into step and end together.
        it->left = events / 2 + (int)(begun++ * 7919u % (unsigned)(events + 1));
        it->due = now() + pace * 1000ll;
        streams++;
      } else {
        char use[120], answer[400], text[700];
        snprintf(use, sizeof use, usage, events);
        int size = snprintf(answer, sizeof answer, "{\"type\":\"message\",\"role\":\"assistant\",\"model\":\"bench\",\"content\":[{\"type\":\"text\",\"text\":\"word word word\"}],%s}", use);
        say(fd, text, snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", size, answer));
      }
    }
    if (!streams) continue;
    int64_t moment = now();
    for (int fd = 0; fd < most; fd++) {
      if (!ones[fd].due || ones[fd].due > moment) continue;
      ones[fd].due += pace * 1000ll;
      step(fd, &ones[fd], events);
      if (!ones[fd].due) streams--;
    }
  }
}
