/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How the files of the reader share the work: one function a type of value.  Each
 * gets the row of its key, the value (never null) and the address of the field, which
 * already holds the default; what is wrong goes to the notices. */

#include "store/weir-config-table.h"
#include "store/weir-config-tree.h"

typedef struct
{
  WeirConfig *config;     /* (unowned) */
  GPtrArray *notices;     /* (unowned) of WeirConfigNotice */
  const char *list;       /* (unowned) (nullable): the provider list being read */
  GPtrArray *later;       /* (unowned) of char *, which later_seen owns */
  GHashTable *later_seen; /* (unowned) set of char * */
  WeirConfigMark later_at;
  unsigned n_suggestions;
} WeirConfigReader;

/* Reads the keys of @map, which stands in @place, into the struct at @base. */
void weir_config_reader_read_map (WeirConfigReader *self,
                                  const WeirConfigNode *map,
                                  unsigned place,
                                  void *base);

/* FALSE: said in the notices. */
gboolean weir_config_reader_check_kind (WeirConfigReader *self,
                                        const WeirConfigKey *key,
                                        const WeirConfigNode *value,
                                        WeirConfigNodeKind kind);

/* The same for a single value without control characters. */
gboolean weir_config_reader_check_scalar (WeirConfigReader *self,
                                          const WeirConfigKey *key,
                                          const WeirConfigNode *value);

/* (transfer full): `"8317x"` as a message may show it, cut and without credentials; whole
 * numbers stand without quotes. */
char *weir_config_dup_found (const WeirConfigNode *node);

void weir_config_read_bool (WeirConfigReader *self,
                            const WeirConfigKey *key,
                            const WeirConfigNode *value,
                            void *field);
void weir_config_read_port (WeirConfigReader *self,
                            const WeirConfigKey *key,
                            const WeirConfigNode *value,
                            void *field);
void weir_config_read_unsigned (WeirConfigReader *self,
                                const WeirConfigKey *key,
                                const WeirConfigNode *value,
                                void *field);
void weir_config_read_int (WeirConfigReader *self,
                           const WeirConfigKey *key,
                           const WeirConfigNode *value,
                           void *field);
void weir_config_read_word (WeirConfigReader *self,
                            const WeirConfigKey *key,
                            const WeirConfigNode *value,
                            void *field);
void weir_config_read_duration (WeirConfigReader *self,
                                const WeirConfigKey *key,
                                const WeirConfigNode *value,
                                void *field);
void weir_config_read_string (WeirConfigReader *self,
                              const WeirConfigKey *key,
                              const WeirConfigNode *value,
                              void *field);
void weir_config_read_host (WeirConfigReader *self,
                            const WeirConfigKey *key,
                            const WeirConfigNode *value,
                            void *field);
void weir_config_read_base_url (WeirConfigReader *self,
                                const WeirConfigKey *key,
                                const WeirConfigNode *value,
                                void *field);
void weir_config_read_proxy_url (WeirConfigReader *self,
                                 const WeirConfigKey *key,
                                 const WeirConfigNode *value,
                                 void *field);
void weir_config_read_prefix (WeirConfigReader *self,
                              const WeirConfigKey *key,
                              const WeirConfigNode *value,
                              void *field);
void weir_config_read_secret (WeirConfigReader *self,
                              const WeirConfigKey *key,
                              const WeirConfigNode *value,
                              void *field);
void weir_config_read_secrets (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               void *field);
void weir_config_read_globs (WeirConfigReader *self,
                             const WeirConfigKey *key,
                             const WeirConfigNode *value,
                             void *field);
void weir_config_read_headers (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               void *field);
void weir_config_read_models (WeirConfigReader *self,
                              const WeirConfigKey *key,
                              const WeirConfigNode *value,
                              void *field);
void weir_config_read_credentials (WeirConfigReader *self,
                                   const WeirConfigKey *key,
                                   const WeirConfigNode *value,
                                   void *field);
void weir_config_read_credential_keys (WeirConfigReader *self,
                                       const WeirConfigKey *key,
                                       const WeirConfigNode *value,
                                       void *field);
void weir_config_read_entries (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               void *field);
void weir_config_read_client_keys (WeirConfigReader *self,
                                   const WeirConfigKey *key,
                                   const WeirConfigNode *value,
                                   void *field);
