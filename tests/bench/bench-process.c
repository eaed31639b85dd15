/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads /proc and the processes' CPU clocks. */

#include "bench-process.h"

#include "bench-http.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TREE_MAX 256u
#define PROCESSES_MAX 65536u

typedef struct
{
  pid_t pid;
  pid_t parent;
} Process;

typedef struct
{
  pid_t pids[TREE_MAX];
  size_t n;
} Tree;

/* The file's text, empty when it cannot be read. */
static void
read_file (pid_t pid, const char *name, char *text, size_t size)
{
  char path[64];
  FILE *file;
  size_t length = 0;

  snprintf (path, sizeof path, "/proc/%d/%s", (int)pid, name);
  file = fopen (path, "re");
  if (file != NULL)
    {
      length = fread (text, 1, size - 1, file);
      fclose (file);
    }
  text[length] = '\0';
}

static pid_t
read_parent (pid_t pid, uint64_t *out_user_ticks, uint64_t *out_system_ticks)
{
  char text[1024];
  const char *behind_name;
  int parent = 0;

  read_file (pid, "stat", text, sizeof text);
  behind_name = strrchr (text, ')');
  if (behind_name == NULL
      || sscanf (behind_name,
                 ") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64,
                 &parent, out_user_ticks, out_system_ticks)
             != 3)
    return 0;
  return (pid_t)parent;
}

static size_t
list_processes (Process *processes)
{
  DIR *directory = opendir ("/proc");
  const struct dirent *entry;
  uint64_t ticks;
  size_t n = 0;

  if (directory == NULL)
    bench_die ("cannot read /proc");
  while (n < PROCESSES_MAX && (entry = readdir (directory)) != NULL)
    {
      pid_t pid = (pid_t)strtol (entry->d_name, NULL, 10);

      if (pid > 0)
        processes[n++] = (Process){ pid, read_parent (pid, &ticks, &ticks) };
    }
  closedir (directory);
  return n;
}

static void
find_tree (pid_t root, Tree *tree)
{
  Process *processes = calloc (PROCESSES_MAX, sizeof *processes);
  size_t n;

  if (processes == NULL)
    bench_die ("out of memory");
  n = list_processes (processes);
  *tree = (Tree){ .pids = { root }, .n = 1 };
  for (size_t known = 0; known < tree->n; known++)
    for (size_t i = 0; i < n && tree->n < TREE_MAX; i++)
      if (processes[i].parent == tree->pids[known])
        tree->pids[tree->n++] = processes[i].pid;
  free (processes);
}

/* The number behind @name at the beginning of a line. */
static uint64_t
read_line_value (const char *text, const char *name)
{
  for (const char *at = strstr (text, name); at != NULL; at = strstr (at + 1, name))
    if (at == text || at[-1] == '\n')
      return strtoull (at + strlen (name), NULL, 10);
  return 0;
}

static void
add_memory (pid_t pid, BenchSample *sample)
{
  char text[8192];

  read_file (pid, "smaps_rollup", text, sizeof text);
  sample->pss_kib += read_line_value (text, "Pss:");
  read_file (pid, "status", text, sizeof text);
  sample->rss_kib += read_line_value (text, "VmRSS:");
  sample->peak_kib += read_line_value (text, "VmHWM:");
}

void
bench_process_sample (pid_t root, bool with_memory, BenchSample *out_sample)
{
  Tree tree;

  *out_sample = (BenchSample){ 0 };
  find_tree (root, &tree);
  for (size_t i = 0; i < tree.n; i++)
    {
      struct timespec used;
      clockid_t clock;
      uint64_t user_ticks = 0;
      uint64_t system_ticks = 0;

      if (clock_getcpuclockid (tree.pids[i], &clock) != 0
          || clock_gettime (clock, &used) != 0)
        continue;
      out_sample->n_processes++;
      out_sample->cpu_ns += (int64_t)used.tv_sec * BENCH_NS_PER_SECOND + used.tv_nsec;
      read_parent (tree.pids[i], &user_ticks, &system_ticks);
      out_sample->user_ticks += user_ticks;
      out_sample->system_ticks += system_ticks;
      if (with_memory)
        add_memory (tree.pids[i], out_sample);
    }
}

void
bench_process_reset_peak (pid_t root)
{
  Tree tree;

  find_tree (root, &tree);
  for (size_t i = 0; i < tree.n; i++)
    {
      char path[64];
      int file;

      snprintf (path, sizeof path, "/proc/%d/clear_refs", (int)tree.pids[i]);
      file = open (path, O_WRONLY | O_CLOEXEC);
      if (file < 0)
        continue;
      /* "5" resets the peak and nothing else (proc(5)); where it is refused the peak counts
       * from the start, which is higher, never lower. */
      if (write (file, "5", 1) != 1)
        fprintf (stderr, "weir-bench: the peak of %d counts from its start\n",
                 (int)tree.pids[i]);
      close (file);
    }
}
