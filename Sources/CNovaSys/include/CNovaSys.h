// What Swift cannot say: the clone3 child, control messages, variadics, constants. Fixed-width types only, every
// symbol prefixed nova_. Functions answer a value >= 0, or -errno.
#pragma once
#include <stdint.h>
#include "CNovaSysHost.h"

// Where in the child a spawn failed; the order of NovaModel.SpawnStage.
enum nova_stage {
  NOVA_STAGE_CLONE, NOVA_STAGE_CGROUP, NOVA_STAGE_SESSION, NOVA_STAGE_SIGNALS, NOVA_STAGE_LIMITS,
  NOVA_STAGE_UMASK, NOVA_STAGE_NICE, NOVA_STAGE_OOM_SCORE, NOVA_STAGE_GROUPS, NOVA_STAGE_USER,
  NOVA_STAGE_CAPABILITIES, NOVA_STAGE_PRIVILEGES, NOVA_STAGE_DIRECTORY, NOVA_STAGE_STDIO,
  NOVA_STAGE_DESCRIPTORS, NOVA_STAGE_EXEC, NOVA_STAGE_PREPARE, NOVA_STAGE_NETWORK
};

struct nova_limit {
  int32_t resource;
  uint64_t soft, hard;
};

// Everything the child needs, prepared by the parent: the child allocates nothing and looks nothing up.
struct nova_spawn {
  const char *const *candidates;  // program paths to try in order, ended by NULL
  char *const *argv, *const *envp;
  const char *directory;
  int32_t stdio[3];      // 0 and above
  int32_t cgroup;        // directory descriptor, or -1
  uint8_t set_identity;  // write groups, gid and uid
  uint8_t has_nice, no_new_privileges, has_capabilities, no_network;
  uint16_t listen_port;  // with no_network: listens there on 127.0.0.1 and hands the listener up; 0: does not
  uint32_t uid, gid;
  const uint32_t *groups;
  uint32_t group_count;
  uint32_t umask;
  int32_t nice, oom_score_adjust;
  uint64_t capabilities;
  const struct nova_limit *limits;
  uint32_t limit_count;
};

// In place of a stage: the child has a table of descriptors of its own now.
enum { NOVA_APART = -1 };

// Written by the child on the report pipe when it is apart, and when it cannot execute.
struct nova_failure {
  int32_t stage, number;
};

// Starts the child. 0: `*pid` runs and `*report` (non-blocking, CLOEXEC) reads as end of file once it executes, or as
// a nova_failure. With a listen_port it is a socket of packets: the listener comes first, with one byte, and is read
// with nova_receive. Otherwise -errno, the stage is in `*stage`, and no child is left.
// `*shared`, unless it is -1: the child's end of the report. Until it says NOVA_APART, or ends, the child has the caller's
// table of descriptors: the caller must not close that one before, nor any of the order's.
int32_t nova_spawn(
  const struct nova_spawn *order, int32_t *pid, int32_t *report, int32_t *shared, int32_t *stage);

struct nova_exit {
  int32_t pid, code, number;  // number: exit code, or signal
  int32_t signaled, dumped;
  uint64_t user_usec, system_usec, max_rss_kib;
};
// Pid of a child that has ended and is not reaped yet, 0 for none. Reaps nothing.
int32_t nova_next_dead(void);
// Reaps that one child; 1 on success, 0 when it has not ended.
int32_t nova_reap(int32_t pid, struct nova_exit *exit);

int32_t nova_set_subreaper(void);
// No core file and no ptrace of this process by ordinary users, until it executes another program.
void nova_forbid_dumps(void);
int32_t nova_memfd(const char *name);
int32_t nova_pipe(int32_t ends[2]);

// Stream sockets with descriptors. `send`: bytes taken. `receive`: bytes read, 0 at the end; *count in: room, out: received,
// or NOVA_FDS_LOST when this process had no room for those of one message. EPROTO: more than the room given.
enum { NOVA_FDS_LOST = 65535 };
int32_t nova_socket_listen(const char *path);
// Waits in the queue of a listener that is full; -EAGAIN when the time is over, -EINTR for a signal.
int32_t nova_socket_connect_within(const char *path, int32_t milliseconds);
int32_t nova_socket_connect(const char *path);
// The same as a socket of packets: what is sent at once is received at once, with its own descriptors.
int32_t nova_packet_listen(const char *path);
int32_t nova_packet_connect(const char *path);
int32_t nova_socket_accept(int32_t socket);
int64_t nova_send(int32_t socket, const void *bytes, uint64_t length, const int32_t *fds, uint32_t count);
int64_t nova_receive(int32_t socket, void *bytes, uint64_t length, int32_t *fds, uint32_t *count);

// A datagram socket bound to `path` with SO_PASSCRED, and SO_PASSPIDFD where the kernel has it.
int32_t nova_notify_socket(const char *path, uint32_t uid, uint32_t gid);
enum { NOVA_MAX_FDS = 253 };  // SCM_MAX_FD of unix(7)
struct nova_datagram {
  int64_t length;  // its own, which may be more than the buffer holds
  int32_t truncated;
  int64_t sent_ns;  // CLOCK_REALTIME when it was sent, or 0
  int32_t has_sender, pid;
  uint32_t uid, gid;
  int32_t pidfd;  // or -1
  uint32_t fd_count;
  int32_t fds[253];
};
// Datagrams carry the time when they were sent, and are looked at from `offset` bytes on (SO_PEEK_OFF, -1: each time
// the first), see socket(7).
int32_t nova_datagram_prepare(int32_t socket);
int32_t nova_datagram_look_from(int32_t socket, int64_t offset);
// Looks at the next one and leaves it in the queue. 1: here it is, 0: none waits.
int32_t nova_datagram_look(int32_t socket, void *bytes, uint64_t room, struct nova_datagram *datagram);
// Takes the oldest out of the queue, unread. Answers its length, or -EAGAIN.
int64_t nova_datagram_drop(int32_t socket);

// A set of descriptors, see epoll(7); events are EPOLL* bits. `nova_epoll_ready` does not wait and answers how many are ready.
struct nova_ready {
  int32_t fd;
  uint32_t events;
};
int32_t nova_epoll_make(void);
int32_t nova_epoll_set(int32_t set, int32_t fd, uint32_t events, int32_t is_new);
int32_t nova_epoll_remove(int32_t set, int32_t fd);
int32_t nova_epoll_ready(int32_t set, struct nova_ready *ready, int32_t room);

// Starts a program in a session of its own with an empty signal mask, stdin from /dev/null, output to `log`.
// Answers its pid.
int32_t nova_launch(const char *path, char *const *argv, int32_t log);

// One malloc arena: with more, each thread holds memory back that the others could use.
void nova_limit_arenas(void);
// Gives free pages back to the kernel.
void nova_return_memory(void);
