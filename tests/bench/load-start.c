/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long a proxy takes from its start to its first good answer, and what it holds when
 * nobody uses it. */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_NS (10 * BENCH_NS_PER_SECOND)
#define END_NS (5 * BENCH_NS_PER_SECOND)
#define PROBE_PAUSE_NS 200000
/* What is still to be done after the first answer belongs to the idle figures. */
#define REST_NS BENCH_NS_PER_SECOND

static void
rest (int64_t duration_ns)
{
  struct timespec duration = {
    .tv_sec = duration_ns / BENCH_NS_PER_SECOND,
    .tv_nsec = duration_ns % BENCH_NS_PER_SECOND,
  };

  while (nanosleep (&duration, &duration) != 0 && errno == EINTR)
    continue;
}

/* A sink that keeps nothing. */
static void
ignore (void *user_data, const char *bytes, size_t length)
{
}

/* Replaces an argument `{port}`; @text must live as long as the arguments. */
static void
fill_port (char **arguments, char *text)
{
  for (; *arguments != NULL; arguments++)
    if (strcmp (*arguments, "{port}") == 0)
      *arguments = text;
}

static pid_t
run_command (char **arguments)
{
  pid_t child = fork ();

  if (child < 0)
    bench_die ("fork");
  if (child > 0)
    return child;
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  /* Its lines on standard output are not ours. */
  if (dup2 (open ("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO) >= 0)
    execvp (arguments[0], arguments);
  _exit (127);
}

/* Returns false when the child had to be killed. */
static bool
end_child (pid_t child)
{
  int64_t until_ns = bench_now_ns () + END_NS;

  kill (child, SIGTERM);
  while (bench_now_ns () < until_ns)
    {
      if (waitpid (child, NULL, WNOHANG) == child)
        return true;
      rest (10 * PROBE_PAUSE_NS);
    }
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  return false;
}

/* Returns the time from @begun_ns to the first 200, or -1. */
static int64_t
wait_for_answer (unsigned port, int64_t begun_ns)
{
  char request[80];
  int length = snprintf (request, sizeof request,
                         "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", port);

  while (bench_now_ns () - begun_ns < START_NS)
    {
      if (bench_exchange (port, request, (size_t)length, ignore, NULL) == 200)
        return bench_now_ns () - begun_ns;
      rest (PROBE_PAUSE_NS);
    }
  return -1;
}

int
load_start (unsigned n, unsigned port, char **arguments)
{
  static BenchHistogram first;
  BenchSample sample = { 0 };
  char text[16];

  snprintf (text, sizeof text, "%u", port);
  fill_port (arguments, text);
  for (unsigned i = 0; i < n; i++)
    {
      int64_t begun_ns = bench_now_ns ();
      pid_t child = run_command (arguments);
      int64_t taken_ns = wait_for_answer (port, begun_ns);

      if (taken_ns < 0)
        {
          errno = 0;
          end_child (child);
          bench_die ("%s does not answer on port %u", arguments[0], port);
        }
      bench_histogram_add (&first, taken_ns);
      rest (REST_NS);
      bench_process_sample (child, true, &sample);
      if (!end_child (child))
        fprintf (stderr, "weir-bench: %s had to be killed\n", arguments[0]);
    }
  printf ("{\"first_us\":%.1f,\"idle_pss_kib\":%" PRIu64 ",\"idle_rss_kib\":%" PRIu64
          ",\"processes\":%u}\n",
          bench_histogram_get_us (&first, 0.5), sample.pss_kib, sample.rss_kib,
          sample.n_processes);
  return 0;
}
