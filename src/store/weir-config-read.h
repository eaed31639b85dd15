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
  const char *list;       /* (unowned) (nullable): the list of the file being read */
  GPtrArray *passthru;    /* (unowned) of WeirConfigEntry: the rows so far */
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

/* Reads @value into the field of @key in the struct at @base. */
void weir_config_reader_read_value (WeirConfigReader *self,
                                    const WeirConfigKey *key,
                                    const WeirConfigNode *value,
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
void weir_config_read_text (WeirConfigReader *self,
                            const WeirConfigKey *key,
                            const WeirConfigNode *value,
                            void *field);
void weir_config_read_strings (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               void *field);
void weir_config_read_group_name (WeirConfigReader *self,
                                  const WeirConfigKey *key,
                                  const WeirConfigNode *value,
                                  void *field);
void weir_config_read_provider (WeirConfigReader *self,
                                const WeirConfigKey *key,
                                const WeirConfigNode *value,
                                void *field);
void weir_config_read_time (WeirConfigReader *self,
                            const WeirConfigKey *key,
                            const WeirConfigNode *value,
                            void *field);
void weir_config_read_amount (WeirConfigReader *self,
                              const WeirConfigKey *key,
                              const WeirConfigNode *value,
                              void *field);
void weir_config_read_groups (WeirConfigReader *self,
                              const WeirConfigKey *key,
                              const WeirConfigNode *value,
                              void *field);
void weir_config_read_error_rules (WeirConfigReader *self,
                                   const WeirConfigKey *key,
                                   const WeirConfigNode *value,
                                   void *field);
void weir_config_read_channels (WeirConfigReader *self,
                                const WeirConfigKey *key,
                                const WeirConfigNode *value,
                                void *field);
void weir_config_read_aliases (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               void *field);
void weir_config_read_payload (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               void *field);
void weir_config_read_oauth_clients (WeirConfigReader *self,
                                     const WeirConfigKey *key,
                                     const WeirConfigNode *value,
                                     void *field);
void weir_config_read_vendor_hosts (WeirConfigReader *self,
                                    const WeirConfigKey *key,
                                    const WeirConfigNode *value,
                                    void *field);
void weir_config_read_passthru (WeirConfigReader *self,
                                const WeirConfigKey *key,
                                const WeirConfigNode *value,
                                void *field);

/* The rows that the variable PASSTHRU_MODELS_JSON holds as @json take the place of those of
 * the same model. */
void weir_config_read_passthru_variable (WeirConfigReader *self, const char *json);

/* Puts the rows behind the other entries. */
void weir_config_add_passthru (WeirConfigReader *self);

/* These two are shared by the entries of the lists and the rows of passthru. */
void weir_config_draft_clear (WeirConfigDraft *self);
void weir_config_draft_complete_credentials (WeirConfigDraft *self);

/* Keys that say "vault:NAME" become names. */
void weir_config_settle_vault_names (WeirConfigReader *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirConfigDraft, weir_config_draft_clear)
void weir_config_draft_check_base_url (WeirConfigReader *reader,
                                       const WeirConfigNode *node,
                                       const WeirConfigEntry *entry);
