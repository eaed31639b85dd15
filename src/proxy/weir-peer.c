/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One question to the kernel's socket diagnosis and its answer.  What an owner means for a
 * connection is for the front door to say. */

#include "config.h"

#include "proxy/weir-peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_TIMEOUT_US 50000

typedef struct
{
  struct nlmsghdr header;
  struct inet_diag_req_v2 body;
} Question;

typedef union
{
  struct nlmsghdr header;
  char bytes[2048];
} Answer;

typedef enum
{
  LOOKUP_FOUND,
  LOOKUP_ABSENT,
  LOOKUP_FAILED,
} Lookup;

/* The one netlink socket of the process, opened when first needed. */
G_LOCK_DEFINE_STATIC (diagnosis);
static struct
{
  int fd;
  uint32_t sequence;
  gboolean is_proven; /* it has found a socket once, so "no such socket" can be believed */
} diagnosis = { .fd = -1 };

static gboolean
ensure_open (void)
{
  const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  const struct timeval timeout = { .tv_usec = ANSWER_TIMEOUT_US };
  int fd;

  if (diagnosis.fd >= 0)
    return TRUE;
  fd = socket (AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0)
    return FALSE;
  /* connected: from nobody but the kernel comes an answer */
  if (connect (fd, (const struct sockaddr *)&kernel, sizeof kernel) != 0
      || setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0)
    {
      close (fd);
      return FALSE;
    }
  diagnosis.fd = fd;
  return TRUE;
}

static Lookup
read_answer (const Answer *answer,
             ssize_t length,
             const Question *question,
             struct inet_diag_msg *out)
{
  const struct nlmsghdr *header = &answer->header;

  if (length < 0 || !NLMSG_OK (header, (size_t)length)
      || header->nlmsg_seq != question->header.nlmsg_seq)
    return LOOKUP_FAILED;
  if (header->nlmsg_type == NLMSG_ERROR
      && header->nlmsg_len >= NLMSG_LENGTH (sizeof (struct nlmsgerr)))
    {
      const struct nlmsgerr *error = NLMSG_DATA (header);

      return error->error == -ENOENT ? LOOKUP_ABSENT : LOOKUP_FAILED;
    }
  if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY
      || header->nlmsg_len < NLMSG_LENGTH (sizeof *out))
    return LOOKUP_FAILED;
  memcpy (out, NLMSG_DATA (header), sizeof *out);
  /* without a connection the kernel offers a listener on the same port */
  if (out->idiag_state == TCP_LISTEN || out->id.idiag_sport != question->body.id.idiag_sport
      || out->id.idiag_dport != question->body.id.idiag_dport)
    return LOOKUP_ABSENT;
  return LOOKUP_FOUND;
}

static Lookup
ask (Question *question, struct inet_diag_msg *out)
{
  Answer answer;
  ssize_t length;
  Lookup lookup;

  if (!ensure_open ())
    return LOOKUP_FAILED;
  question->header.nlmsg_seq = ++diagnosis.sequence;
  if (TEMP_FAILURE_RETRY (send (diagnosis.fd, question, sizeof *question, MSG_NOSIGNAL))
      != sizeof *question)
    length = -1;
  else
    length = TEMP_FAILURE_RETRY (recv (diagnosis.fd, &answer, sizeof answer, 0));
  lookup = read_answer (&answer, length, question, out);
  if (lookup == LOOKUP_FAILED)
    {
      /* a late answer must not meet the next question */
      close (diagnosis.fd);
      diagnosis.fd = -1;
    }
  if (lookup == LOOKUP_FOUND)
    diagnosis.is_proven = TRUE;
  return lookup;
}

/* Writes address and port; returns the family they are in, AF_INET for mapped ones, or
 * AF_UNSPEC. */
static int
put_address (const struct sockaddr *address, __be32 out_address[4], __be16 *out_port)
{
  struct sockaddr_in6 in6;
  struct sockaddr_in in;

  if (address->sa_family == AF_INET)
    {
      memcpy (&in, address, sizeof in);
      memcpy (out_address, &in.sin_addr, sizeof in.sin_addr);
      *out_port = in.sin_port;
      return AF_INET;
    }
  if (address->sa_family != AF_INET6)
    return AF_UNSPEC;
  memcpy (&in6, address, sizeof in6);
  *out_port = in6.sin6_port;
  if (IN6_IS_ADDR_V4MAPPED (&in6.sin6_addr))
    {
      memcpy (out_address, in6.sin6_addr.s6_addr + 12, 4);
      return AF_INET;
    }
  memcpy (out_address, &in6.sin6_addr, sizeof in6.sin6_addr);
  return AF_INET6;
}

/* The question for the socket whose own end is @source. */
static gboolean
make_question (const struct sockaddr *source,
               const struct sockaddr *destination,
               Question *out)
{
  struct inet_diag_sockid *id = &out->body.id;
  int family;

  *out = (Question){
    .header = {
      .nlmsg_len = sizeof *out,
      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
      .nlmsg_flags = NLM_F_REQUEST,
    },
    .body = {
      .sdiag_protocol = IPPROTO_TCP,
      .idiag_states = ~0u,
      .id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
    },
  };
  family = put_address (source, id->idiag_src, &id->idiag_sport);
  out->body.sdiag_family = (__u8)family;
  return family != AF_UNSPEC
         && put_address (destination, id->idiag_dst, &id->idiag_dport) == family;
}

gboolean
weir_peer_lookup (const struct sockaddr *local,
                  const struct sockaddr *remote,
                  WeirPeer *out)
{
  struct inet_diag_msg found;
  Question question;
  Question ours;
  Lookup lookup;

  if (!make_question (remote, local, &question) || !make_question (local, remote, &ours))
    return FALSE;
  G_LOCK (diagnosis);
  lookup = ask (&question, &found);
  /* A kernel without this diagnosis says "no such socket" too.  Our own end is there for
   * sure: if that is not found either, nothing is known. */
  if (lookup == LOOKUP_ABSENT && !diagnosis.is_proven)
    {
      struct inet_diag_msg own_end;

      if (ask (&ours, &own_end) != LOOKUP_FOUND)
        lookup = LOOKUP_FAILED;
    }
  G_UNLOCK (diagnosis);
  if (lookup == LOOKUP_FAILED)
    return FALSE;
  /* an orphan has no inode, and what the kernel then calls its owner is nobody's */
  out->has_owner = lookup == LOOKUP_FOUND && found.idiag_inode != 0;
  out->uid = out->has_owner ? found.idiag_uid : (uid_t)-1;
  return TRUE;
}

void
weir_peer_describe (const struct sockaddr_storage *address,
                    char *out_text,
                    socklen_t size,
                    uint16_t *out_port,
                    gboolean *out_loopback)
{
  const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

  if (address->ss_family == AF_INET6)
    {
      inet_ntop (AF_INET6, &v6->sin6_addr, out_text, size);
      *out_port = ntohs (v6->sin6_port);
      *out_loopback = IN6_IS_ADDR_LOOPBACK (&v6->sin6_addr);
      return;
    }
  inet_ntop (AF_INET, &v4->sin_addr, out_text, size);
  *out_port = ntohs (v4->sin_port);
  *out_loopback = (ntohl (v4->sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
}
