/* SPDX-License-Identifier: GPL-3.0-or-later */

/* weir-bench-load: sends requests to a proxy in front of the mock, checks every answer
 * against the mock's own, and prints what was measured as one line of JSON.  Ends with 1
 * when a single answer was wrong, with 2 when it could not run. */

#include "load.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[]
    = "weir-bench-load [OPTION...]\n"
      "weir-bench-load start [-n TIMES] -p PORT -- COMMAND [ARGUMENT...]\n"
      "\n"
      "  -p, --port=PORT          the proxy's, on 127.0.0.1\n"
      "  -m, --mock=PORT          the mock's, for the answers to compare with (default: "
      "-p)\n"
      "  -c, --connections=N      (1)\n"
      "  -t, --seconds=SECONDS    measured time (3)\n"
      "  -w, --warm=SECONDS       before it (0.5)\n"
      "  -r, --rate=RATE          open loop: requests per second; latency counts from the\n"
      "                           planned time\n"
      "  -n, --requests=N         stop after N requests instead of after the time\n"
      "  -o, --once               one request a connection, all open at the same time\n"
      "  -R, --ramp=SECONDS       connections begin one after the other over this time\n"
      "  -d, --dialect=DIALECT    chat, responses, anthropic, gemini: what the client "
      "speaks\n"
      "  -u, --upstream=DIALECT   what the mock is asked in, when it is another one\n"
      "  -s, --stream             ask for a stream\n"
      "  -b, --body=BYTES         size of a request's body (1024)\n"
      "  -M, --model=MODEL        (bench-model)\n"
      "  -k, --key=KEY            client key\n"
      "  -P, --pid=PID            sample CPU and memory of this process and its children\n";

static const struct option options[] = {
  { "port", required_argument, NULL, 'p' },
  { "mock", required_argument, NULL, 'm' },
  { "connections", required_argument, NULL, 'c' },
  { "seconds", required_argument, NULL, 't' },
  { "warm", required_argument, NULL, 'w' },
  { "rate", required_argument, NULL, 'r' },
  { "requests", required_argument, NULL, 'n' },
  { "once", no_argument, NULL, 'o' },
  { "ramp", required_argument, NULL, 'R' },
  { "dialect", required_argument, NULL, 'd' },
  { "upstream", required_argument, NULL, 'u' },
  { "stream", no_argument, NULL, 's' },
  { "body", required_argument, NULL, 'b' },
  { "model", required_argument, NULL, 'M' },
  { "key", required_argument, NULL, 'k' },
  { "pid", required_argument, NULL, 'P' },
  { "help", no_argument, NULL, 'h' },
  { 0 },
};

static void
fail_usage (void)
{
  fputs (help, stderr);
  exit (2);
}

static double
read_number (const char *text)
{
  char *end = NULL;
  double number = strtod (text, &end);

  if (end == text || *end != '\0' || number < 0 || number > 1e9)
    fail_usage ();
  return number;
}

static BenchDialect
read_dialect (const char *name)
{
  BenchDialect dialect = bench_dialect_lookup (name);

  if (dialect == BENCH_DIALECT_LAST)
    fail_usage ();
  return dialect;
}

static void
read_option (LoadSettings *settings, int option, const char *value)
{
  if (option == 'p')
    settings->port = (unsigned)read_number (value);
  else if (option == 'm')
    settings->mock_port = (unsigned)read_number (value);
  else if (option == 'c')
    settings->n_connections = (unsigned)read_number (value);
  else if (option == 't')
    settings->seconds = read_number (value);
  else if (option == 'w')
    settings->warm_seconds = read_number (value);
  else if (option == 'r')
    settings->rate = read_number (value);
  else if (option == 'n')
    settings->n_requests = (uint64_t)read_number (value);
  else if (option == 'o')
    settings->once = true;
  else if (option == 'R')
    settings->ramp_seconds = read_number (value);
  else if (option == 'd')
    settings->request.dialect = read_dialect (value);
  else if (option == 'u')
    settings->upstream = read_dialect (value);
  else if (option == 's')
    settings->request.stream = true;
  else if (option == 'b')
    settings->request.size = (size_t)read_number (value);
  else if (option == 'M')
    settings->request.model = value;
  else if (option == 'k')
    settings->request.key = value;
  else if (option == 'P')
    settings->target = (pid_t)read_number (value);
  else
    fail_usage ();
}

static void
read_options (LoadSettings *settings, int argc, char **argv)
{
  int option;

  while (
      (option = getopt_long (argc, argv, "p:m:c:t:w:r:n:oR:d:u:sb:M:k:P:h", options, NULL))
      != -1)
    read_option (settings, option, optarg);
  if (optind < argc || settings->port == 0 || settings->n_connections == 0)
    fail_usage ();
  if (settings->mock_port == 0)
    settings->mock_port = settings->port;
  if (settings->upstream == BENCH_DIALECT_LAST)
    settings->upstream = settings->request.dialect;
}

static void
print_histogram (const char *name, const BenchHistogram *histogram)
{
  printf (",\"%s\":{\"count\":%" PRIu64 ",\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f}",
          name, histogram->count, bench_histogram_get_us (histogram, 0.5),
          bench_histogram_get_us (histogram, 0.99), (double)histogram->largest_ns / 1000.0);
}

static void
print_target (const LoadSettings *settings, const LoadResult *result)
{
  uint64_t user = result->end.user_ticks - result->begin.user_ticks;
  uint64_t system = result->end.system_ticks - result->begin.system_ticks;
  double open_kib = (double)result->open.pss_kib - (double)result->idle.pss_kib;

  printf (",\"processes\":%u,\"cpu_us\":%.1f,\"user_share\":%.2f", result->end.n_processes,
          (double)(result->end.cpu_ns - result->begin.cpu_ns) / 1000.0,
          user + system > 0 ? (double)user / (double)(user + system) : 0.0);
  printf (",\"idle_pss_kib\":%" PRIu64 ",\"idle_rss_kib\":%" PRIu64
          ",\"open_pss_kib\":%" PRIu64 ",\"peak_rss_kib\":%" PRIu64,
          result->idle.pss_kib, result->idle.rss_kib, result->open.pss_kib,
          result->last.peak_kib);
  if (settings->once)
    printf (",\"stream_kib\":%.2f", open_kib / settings->n_connections);
}

static void
print_result (const LoadSettings *settings, const LoadResult *result)
{
  printf ("{\"requests\":%" PRIu64 ",\"pieces\":%" PRIu64 ",\"errors\":%" PRIu64
          ",\"problem\":\"%s\",\"status\":%u,\"reconnects\":%" PRIu64
          ",\"seconds\":%.4f,\"open\":%u",
          result->n_requests, result->n_pieces, result->n_errors,
          result->problem != NULL ? result->problem : "", result->status,
          result->n_reconnects, result->seconds, result->n_open_least);
  print_histogram ("latency", &result->latency);
  print_histogram ("first_byte", &result->first_byte);
  print_histogram ("delay", &result->delay);
  if (settings->target > 0)
    print_target (settings, result);
  puts ("}");
}

static int
start_main (int argc, char **argv)
{
  unsigned n = 1;
  unsigned port = 0;
  int option;

  while ((option = getopt (argc, argv, "+n:p:")) != -1)
    if (option == 'n')
      n = (unsigned)read_number (optarg);
    else if (option == 'p')
      port = (unsigned)read_number (optarg);
    else
      fail_usage ();
  if (optind == argc || port == 0 || n == 0)
    fail_usage ();
  return load_start (n, port, argv + optind);
}

int
main (int argc, char **argv)
{
  LoadSettings settings = {
    .request = { .model = "bench-model", .key = "none", .size = 1024 },
    .upstream = BENCH_DIALECT_LAST,
    .n_connections = 1,
    .warm_seconds = 0.5,
    .seconds = 3,
  };
  static LoadResult result;

  bench_raise_descriptor_limit ();
  if (argc > 1 && strcmp (argv[1], "start") == 0)
    return start_main (argc - 1, argv + 1);
  read_options (&settings, argc, argv);
  load_run (&settings, &result);
  print_result (&settings, &result);
  return result.n_errors > 0 ? 1 : 0;
}
