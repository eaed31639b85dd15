/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How media are said in OpenAI's two dialects, for the writers of both. */

#include "base/weir-json-write.h"
#include "chat/weir-request.h"

/* Can others than one vendor fetch @url? */
gboolean weir_openai_is_of_the_web (WeirSlice url);

/* A member that is a data URL of @media's data; @scratch is overwritten. */
void weir_openai_add_data_url (WeirJsonWriter *json,
                               const char *name,
                               const WeirMedia *media,
                               GString *scratch);

/* The server tells files apart by their names: the client's, or one for the media type. */
WeirSlice weir_openai_get_filename (const WeirMedia *media);

/* A part of sound.  FALSE, nothing is written: it is neither WAV nor MP3 in base64. */
gboolean weir_openai_write_sound (WeirJsonWriter *json, const WeirMedia *media);
