// The child between clone3(2) and execve(2). From `child` on: system calls only, no libc state, no allocation, no
// locks (the parent's may be held in the copy). No CLONE_VFORK: a chdir or exec that hangs on a dead mount must not
// hold the parent of every worker.
#define _GNU_SOURCE
#include "CNovaSys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#endif
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2u
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

struct kernel_clone_args {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
      set_tid_size, cgroup;
};

static void give_up(int report, enum nova_stage stage, int number) {
  struct nova_failure failure = {stage, number};
  ssize_t ignored = write(report, &failure, sizeof failure);
  (void)ignored;
  for (;;) syscall(SYS_exit_group, 127);
}

#define TRY(stage, call) \
  do { \
    if ((call) < 0) give_up(report, stage, errno); \
  } while (0)

static void reset_signals(int report) {
  // CLONE_CLEAR_SIGHAND leaves ignored signals ignored, and an ignored one stays so through exec. The kernel's
  // sigaction is four words or less; all zero is SIG_DFL. KILL, STOP and numbers out of range refuse.
  uint64_t defaults[8] = {0};
  for (int number = 1; number <= 64; number++)
    if (number != SIGKILL && number != SIGSTOP)
      syscall(SYS_rt_sigaction, number, defaults, (void *)0, sizeof(uint64_t));
  uint64_t none = 0;
  TRY(NOVA_STAGE_SIGNALS, syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, (void *)0, sizeof none));
}

static void write_oom_score(int report, int32_t value) {
  char text[8];
  int length = 0;
  char digits[6];
  int count = 0;
  int64_t rest = value < 0 ? -(int64_t)value : value;
  if (rest > 1000) give_up(report, NOVA_STAGE_OOM_SCORE, EINVAL);
  do digits[count++] = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (value < 0) text[length++] = '-';
  while (count > 0) text[length++] = digits[--count];
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  int failed = fd < 0 || write(fd, text, (size_t)length) < 0 ? errno : 0;
  if (fd >= 0) close(fd);
  // 0 is the default and no more than a wish where the kernel does not let an ordinary user lower what it inherited,
  // or where /proc is read-only: the shim cannot have -1000 there either.
  if (failed && value != 0) give_up(report, NOVA_STAGE_OOM_SCORE, failed);
}

static void leave_network(int report, enum nova_stage stage) {
  TRY(stage, unshare(CLONE_NEWNET));
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;  // a kernel without IPv4 has no loopback to bring up
  struct ifreq request = {.ifr_name = "lo"};
  if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    TRY(stage, ioctl(fd, SIOCSIFFLAGS, &request));
  }
  close(fd);
}

// A listener in the network the child has made: whoever connects to it is this worker, for nobody else is there. The
// worker itself does not keep it: it could accept in the gateway's place.
static void hand_up_listener(int report, uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  TRY(NOVA_STAGE_NETWORK, fd);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  TRY(NOVA_STAGE_NETWORK, bind(fd, (const struct sockaddr *)&address, sizeof address));
  TRY(NOVA_STAGE_NETWORK, listen(fd, 1024));
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {0};
  char byte = 'l';
  struct iovec part = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  TRY(NOVA_STAGE_NETWORK, sendmsg(report, &message, MSG_NOSIGNAL));
  close(fd);
}

static void drop_bounding_set(const struct nova_spawn *order, int report) {
  for (unsigned long capability = 0; capability < 64; capability++) {
    if (order->capabilities >> capability & 1) continue;
    int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) return;  // EINVAL: past the last one this kernel knows
    if (held == 0 || prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    // An ordinary user may not shrink it; with no_new_privs nothing in it can be gained either.
    if (errno == EPERM && order->no_new_privileges) return;
    give_up(report, NOVA_STAGE_CAPABILITIES, errno);
  }
}

static void set_capabilities(const struct nova_spawn *order, int report) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  for (int word = 0; word < 2; word++) {
    uint32_t bits = (uint32_t)(order->capabilities >> (32 * word));
    data[word].effective = data[word].permitted = data[word].inheritable = bits;
  }
  TRY(NOVA_STAGE_CAPABILITIES, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  TRY(NOVA_STAGE_CAPABILITIES, syscall(SYS_capset, &header, data));
  for (unsigned long capability = 0; capability < 64; capability++)
    if (order->capabilities >> capability & 1)
      TRY(NOVA_STAGE_CAPABILITIES, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0));
}

static void set_identity(const struct nova_spawn *order, int report) {
  int same = geteuid() == order->uid && getegid() == order->gid;
  // Raw calls: glibc's would signal every thread it believes to exist.
  if (syscall(SYS_setgroups, (size_t)order->group_count, order->groups) < 0)
    if (!(errno == EPERM && same && order->group_count == 0))
      give_up(report, NOVA_STAGE_GROUPS, errno);
  TRY(NOVA_STAGE_GROUPS, syscall(SYS_setresgid, order->gid, order->gid, order->gid));
  if (order->has_capabilities && order->capabilities != 0 && order->uid != 0)
    TRY(NOVA_STAGE_CAPABILITIES, prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
  TRY(NOVA_STAGE_USER, syscall(SYS_setresuid, order->uid, order->uid, order->uid));
}

static void set_stdio(const struct nova_spawn *order, int report) {
  int high[3];
  for (int i = 0; i < 3; i++)  // first out of the way of each other
    TRY(NOVA_STAGE_STDIO, high[i] = fcntl(order->stdio[i], F_DUPFD_CLOEXEC, 3));
  for (int i = 0; i < 3; i++) TRY(NOVA_STAGE_STDIO, dup2(high[i], i));
}

// Leaves the parent's table of descriptors, with what it needs of it. Copied, that of a shim of ten thousand workers would
// be copied and closed again for each of them, the sockets they speak to the supervisor through.
static void part(const struct nova_spawn *order, int report) {
  int first = report;
  for (int i = 0; i < 3; i++)
    if (order->stdio[i] > first) first = order->stdio[i];
  // Before Linux 5.9, or where a filter does not know it, all are copied.
  if (syscall(SYS_close_range, (unsigned)first + 1, ~0u, CLOSE_RANGE_UNSHARE) < 0)
    TRY(NOVA_STAGE_DESCRIPTORS, unshare(CLONE_FILES));
  struct nova_failure apart = {NOVA_APART, 0};
  TRY(NOVA_STAGE_DESCRIPTORS, write(report, &apart, sizeof apart));
}

// Closed, not only marked: with 1,024 descriptors in use (a shim of 1,000 workers) and RLIMIT_NOFILE at the worker's
// 1,024, the child could open nothing more.
static void close_others(int report) {
  int failed = report > 3 ? syscall(SYS_close_range, 3u, (unsigned)report - 1, 0u) : 0;
  if (failed == 0) failed = syscall(SYS_close_range, (unsigned)report + 1, ~0u, 0u);
  if (failed == 0) return;
  if (errno != ENOSYS && errno != EINVAL) give_up(report, NOVA_STAGE_DESCRIPTORS, errno);
  // Before Linux 5.9. Everything of ours is CLOEXEC already; this is for what was inherited, and it is bounded.
  for (int fd = 3; fd < 65536; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void child(const struct nova_spawn *order, int report, int gate, int shares) {
  if (shares) part(order, report);
  if (gate >= 0) {
    char go;
    ssize_t count;
    while ((count = read(gate, &go, 1)) < 0 && errno == EINTR) {
    }
    if (count != 1)
      for (;;) syscall(SYS_exit_group, 127);
  }
  TRY(NOVA_STAGE_SESSION, setsid());
  reset_signals(report);
  set_stdio(order, report);
  close_others(report);
  for (uint32_t i = 0; i < order->limit_count; i++) {
    uint64_t pair[2] = {order->limits[i].soft, order->limits[i].hard};  // ~0 is RLIM64_INFINITY
    TRY(NOVA_STAGE_LIMITS, syscall(SYS_prlimit64, 0, order->limits[i].resource, pair, (void *)0));
  }
  umask((mode_t)order->umask);
  if (order->has_nice) TRY(NOVA_STAGE_NICE, syscall(SYS_setpriority, PRIO_PROCESS, 0, order->nice));
  write_oom_score(report, order->oom_score_adjust);
  // Another stage only where a listener is asked for: a supervisor of before there were any knows none of it.
  if (order->no_network) leave_network(report, order->listen_port ? NOVA_STAGE_NETWORK : NOVA_STAGE_PRIVILEGES);
  if (order->no_network && order->listen_port) hand_up_listener(report, order->listen_port);
  if (order->has_capabilities) drop_bounding_set(order, report);
  if (order->set_identity) set_identity(order, report);
  if (order->has_capabilities) set_capabilities(order, report);
  if (order->no_new_privileges) TRY(NOVA_STAGE_PRIVILEGES, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  TRY(NOVA_STAGE_DIRECTORY, chdir(order->directory));
  int number = ENOENT;
  for (const char *const *path = order->candidates; *path; path++) {
    execve(*path, order->argv, order->envp);
    // As execvp(3): a directory of PATH that lacks it or denies it does not end the search.
    if (errno == EACCES)
      number = EACCES;
    else if (errno != ENOENT && errno != ENOTDIR)
      give_up(report, NOVA_STAGE_EXEC, errno);
  }
  give_up(report, NOVA_STAGE_EXEC, number);
}

// `*shares`, set before the child is there: whether it has the caller's table of descriptors.
static int32_t clone_child(uint64_t flags, int cgroup, volatile int *shares) {
  *shares = (flags & CLONE_FILES) != 0;
  struct kernel_clone_args args = {0};
  args.flags = flags;
  args.exit_signal = SIGCHLD;
  args.cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0;
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0 && (errno == ENOSYS || errno == EPERM) && !(flags & CLONE_INTO_CGROUP)) {
    *shares = 0;
    // Some container runtimes filter clone3. All zero arguments but the exit signal mean the same on every
    // architecture; the child resets its signals by hand either way.
    pid = syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
  }
  return pid < 0 ? -errno : (int32_t)pid;
}

static int move(int cgroup, int32_t pid) {
  char text[12];
  int length = 0, count = 0;
  char digits[12];
  do digits[count++] = (char)('0' + pid % 10);
  while ((pid /= 10) > 0);
  while (count > 0) text[length++] = digits[--count];
  int fd = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  int failed = write(fd, text, (size_t)length) < 0 ? errno : 0;
  close(fd);
  return failed;
}

static void discard(int32_t pid) {
  kill(pid, SIGKILL);
  while (waitpid(pid, (void *)0, 0) < 0 && errno == EINTR) {
  }
}

int32_t nova_spawn(
  const struct nova_spawn *order, int32_t *pid, int32_t *report, int32_t *shared, int32_t *stage) {
  int ends[2], gate[2] = {-1, -1};
  volatile int shares = 0;
  *shared = -1;
  *stage = NOVA_STAGE_CLONE;
  // Packets, so that a listener and what may be reported after it are never read as one.
  int opened = order->listen_port ? socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)
                                  : pipe2(ends, O_CLOEXEC);
  if (opened < 0) return -errno;
  // Never 0 to 2: the child puts its stdio there before it could need to report.
  for (int i = 0; i < 2; i++)
    if (ends[i] < 3) {
      int high = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
      int failed = errno;
      close(ends[i]);
      if (high < 0) {
        if (i == 0) close(ends[1]);
        else close(ends[0]);
        return -failed;
      }
      ends[i] = high;
    }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);

  int32_t made = -1;
  if (order->cgroup >= 0) {
    made = clone_child(CLONE_FILES | CLONE_INTO_CGROUP | CLONE_CLEAR_SIGHAND, order->cgroup, &shares);
    if (made == 0) child(order, ends[1], -1, shares);
  }
  int refused = order->cgroup >= 0 && made < 0 && made != -EAGAIN && made != -ENOMEM;
  if (order->cgroup < 0 || refused) {
    // A kernel or a filter that cannot place it at birth: it waits at the gate until it has been moved, so that no
    // code of the worker runs outside its group.
    if (refused && pipe2(gate, O_CLOEXEC) < 0) {
      made = -errno;
      gate[0] = gate[1] = -1;
    } else {
      // Who waits at a gate has its ends to itself.
      uint64_t files = refused ? 0 : CLONE_FILES;
      made = clone_child(files | CLONE_CLEAR_SIGHAND, -1, &shares);
      if (made == -EINVAL) made = clone_child(files, -1, &shares);  // before Linux 5.5
    }
    if (made == 0) {
      if (gate[1] >= 0) close(gate[1]);
      child(order, ends[1], gate[0], shares);
    }
  }
  if (made > 0 && shares) *shared = ends[1];
  else close(ends[1]);
  if (gate[0] >= 0) close(gate[0]);
  if (made > 0 && refused) {
    int failed = move(order->cgroup, made);
    if (!failed && write(gate[1], "g", 1) != 1) failed = errno;
    if (failed) {
      *stage = NOVA_STAGE_CGROUP;
      discard(made);
      made = -failed;
    }
  }
  if (gate[1] >= 0) close(gate[1]);
  if (made < 0) {
    close(ends[0]);
    return made;
  }
  *pid = made;
  *report = ends[0];
  return 0;
}
