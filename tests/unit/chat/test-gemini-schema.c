/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-gemini-schema.h"

#include "base/weir-json.h"

/* JSON here has ' for ". */
static char *
quote (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

static gboolean
is_json (const GString *text)
{
  g_auto (WeirJson) json = { 0 };

  return weir_json_parse (&json, text->str, text->len, NULL, NULL);
}

typedef struct
{
  const char *name;
  const char *from;
  const char *to;
  gboolean lost;
} Case;

#define STRING "{'type':'STRING'}"

static const Case narrow_cases[] = {
  { "types", "{'type':'object','properties':{'a':{'type':'integer'}},'required':['a']}",
    "{'type':'OBJECT','properties':{'a':{'type':'INTEGER'}},'required':['a']}", FALSE },
  { "a type is read off the keywords", "{'properties':{'a':{'items':{'enum':['x']}}}}",
    "{'type':'OBJECT','properties':{'a':{'type':'ARRAY','items':{'type':'STRING','enum':"
    "['x']}}}}",
    FALSE },
  { "a name is no keyword",
    "{'type':'object','properties':{'$ref':{'type':'string'},'type':{'type':'string'}}}",
    "{'type':'OBJECT','properties':{'$ref':" STRING ",'type':" STRING "}}", FALSE },
  { "null is a mark", "{'type':['string','null'],'enum':['a',null]}",
    "{'type':'STRING','nullable':true,'enum':['a']}", FALSE },
  { "several types are alternatives", "{'type':['string','integer','null'],'minimum':1}",
    "{'anyOf':[{'type':'STRING','nullable':true},{'type':'INTEGER','minimum':1,"
    "'nullable':true}]}",
    FALSE },
  { "or null", "{'anyOf':[{'type':'string'},{'type':'null'}]}",
    "{'type':'STRING','nullable':true}", FALSE },
  { "alternatives", "{'oneOf':[{'type':'string'},{'type':'number'}]}",
    "{'anyOf':[" STRING ",{'type':'NUMBER'}]}", FALSE },
  { "a constant is a list of one", "{'const':'a'}", "{'type':'STRING','enum':['a']}",
    FALSE },
  { "only strings are listed", "{'type':'integer','enum':[1,2]}", "{'type':'INTEGER'}",
    TRUE },
  { "a reference is put in place",
    "{'$defs':{'n':{'type':'string','description':'d'}},'type':'object','properties':{"
    "'a':{'$ref':'#/$defs/n','description':'mine'}}}",
    "{'type':'OBJECT','properties':{'a':{'type':'STRING','description':'mine'}}}", FALSE },
  { "a pointer is unescaped",
    "{'$defs':{'a/b':{'type':'string'}},'type':'array','items':{'$ref':'#/$defs/a~1b'}}",
    "{'type':'ARRAY','items':" STRING "}", FALSE },
  { "a circle ends",
    "{'$defs':{'n':{'type':'object','properties':{'next':{'$ref':'#/$defs/n'}}}},"
    "'$ref':'#/$defs/n'}",
    "{'type':'OBJECT','properties':{'next':{'type':'OBJECT'}}}", TRUE },
  { "a reference to itself", "{'$defs':{'n':{'$ref':'#/$defs/n'}},'$ref':'#/$defs/n'}",
    "{'type':'OBJECT'}", TRUE },
  { "a reference to nothing", "{'$ref':'https://x.example/y'}", "{'type':'OBJECT'}", TRUE },
  { "all of these",
    "{'allOf':[{'type':'object','properties':{'a':{'type':'string'}},'required':['a']},{"
    "'properties':{'a':{'type':'integer'},'b':{'type':'string'}},'required':['b','c']}]}",
    "{'type':'OBJECT','properties':{'a':" STRING ",'b':" STRING "},'required':['a','b']}",
    FALSE },
  { "what is not on the list goes",
    "{'type':'string','format':'uri','$schema':'x','contentEncoding':'y'}", STRING, TRUE },
  { "a format that is known", "{'type':'string','format':'date-time'}",
    "{'type':'STRING','format':'date-time'}", FALSE },
  { "no more properties", "{'type':'object','additionalProperties':false}",
    "{'type':'OBJECT'}", FALSE },
  { "more properties of a kind", "{'type':'object','additionalProperties':{}}",
    "{'type':'OBJECT'}", TRUE },
  { "an array of whatever", "{'type':'array'}", "{'type':'ARRAY','items':" STRING "}",
    TRUE },
  { "no object", "true", "{'type':'OBJECT'}", TRUE },
  { "no JSON", "{", "{'type':'OBJECT'}", TRUE },
  { "separators stay", "{'type':'string','description':'a\xe2\x80\xa8z'}",
    "{'type':'STRING','description':'a\xe2\x80\xa8z'}", FALSE },
};

static void
test_only_the_list_is_written (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (narrow_cases); i++)
    {
      const Case *c = &narrow_cases[i];
      g_autofree char *from = quote (c->from);
      g_autofree char *to = quote (c->to);
      g_autoptr (GString) out = g_string_new (NULL);
      gboolean whole = weir_gemini_schema_narrow (weir_slice_from_string (from), out);

      g_test_message ("%s", c->name);
      g_assert_cmpstr (out->str, ==, to);
      g_assert_true (whole == !c->lost);
    }
}

static void
test_a_tree_of_references_has_an_end (void)
{
  g_autoptr (GString) from = g_string_new ("{\"$defs\":{\"n0\":{\"type\":\"string\"}");
  g_autoptr (GString) out = g_string_new (NULL);

  for (int i = 1; i < 40; i++)
    g_string_append_printf (from,
                            ",\"n%d\":{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":"
                            "\"#/$defs/n%d\"},\"b\":{\"$ref\":\"#/$defs/n%d\"}}}",
                            i, i - 1, i - 1);
  g_string_append (from, "},\"$ref\":\"#/$defs/n39\"}");
  g_assert_false (weir_gemini_schema_narrow ((WeirSlice){ from->str, from->len }, out));
  g_assert_true (is_json (out));
  g_assert_cmpuint (out->len, <, 1 << 20);
}

static void
test_a_deep_schema_has_an_end (void)
{
  g_autoptr (GString) from = g_string_new (NULL);
  g_autoptr (GString) out = g_string_new (NULL);

  for (int i = 0; i < 60; i++)
    g_string_append (from, "{\"type\":\"array\",\"items\":");
  g_string_append (from, "{}");
  for (int i = 0; i < 60; i++)
    g_string_append_c (from, '}');
  g_assert_false (weir_gemini_schema_narrow ((WeirSlice){ from->str, from->len }, out));
  g_assert_true (is_json (out));
}

static void
test_references_are_seen (void)
{
  g_assert_true (weir_gemini_schema_has_references (
      WEIR_SLICE ("{\"items\":{\"$ref\":\"#/$defs/a\"}}")));
  g_assert_false (weir_gemini_schema_has_references (WEIR_SLICE ("{\"type\":\"object\"}")));
  g_assert_false (weir_gemini_schema_has_references (WEIR_SLICE ("")));
}

static const Case widen_cases[] = {
  { "types", "{'type':'OBJECT','properties':{'type':{'type':'STRING','enum':['STRING']}}}",
    "{'type':'object','properties':{'type':{'type':'string','enum':['STRING']}}}", FALSE },
  { "nullable", "{'type':'STRING','nullable':true}", "{'type':['string','null']}", FALSE },
  { "not nullable", "{'type':'STRING','nullable':false}", "{'type':'string'}", FALSE },
  { "numbers as texts", "{'type':'ARRAY','minItems':'1','max_items':'07','items':{}}",
    "{'type':'array','minItems':1,'maxItems':'07','items':{}}", FALSE },
  { "snake_case", "{'any_of':[{'type':'STRING'},{'min_length':3}]}",
    "{'anyOf':[{'type':'string'},{'minLength':3}]}", FALSE },
  { "order", "{'type':'OBJECT','propertyOrdering':['a'],'example':{'type':'STRING'}}",
    "{'type':'object'}", FALSE },
  { "no type", "{'type':'TYPE_UNSPECIFIED','title':null,'default':{'type':'A'}}",
    "{'default':{'type':'A'}}", FALSE },
  { "no object", "7", "7", FALSE },
};

static void
test_a_schema_becomes_json_schema (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (widen_cases); i++)
    {
      g_autofree char *from = quote (widen_cases[i].from);
      g_autofree char *to = quote (widen_cases[i].to);
      g_autoptr (GString) out = g_string_new (NULL);

      g_test_message ("%s", widen_cases[i].name);
      weir_gemini_schema_widen (weir_slice_from_string (from), out);
      g_assert_cmpstr (out->str, ==, to);
    }
}

/* What went there and back says the same: a second journey changes nothing. */
static void
test_there_and_back_is_stable (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (narrow_cases); i++)
    {
      g_autofree char *from = quote (narrow_cases[i].from);
      g_autoptr (GString) once = g_string_new (NULL);
      g_autoptr (GString) wide = g_string_new (NULL);
      g_autoptr (GString) twice = g_string_new (NULL);

      weir_gemini_schema_narrow (weir_slice_from_string (from), once);
      weir_gemini_schema_widen ((WeirSlice){ once->str, once->len }, wide);
      g_assert_true (is_json (wide));
      g_assert_true (
          weir_gemini_schema_narrow ((WeirSlice){ wide->str, wide->len }, twice));
      g_assert_cmpstr (twice->str, ==, once->str);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gemini-schema/only-the-list-is-written",
                   test_only_the_list_is_written);
  g_test_add_func ("/gemini-schema/a-tree-of-references-has-an-end",
                   test_a_tree_of_references_has_an_end);
  g_test_add_func ("/gemini-schema/a-deep-schema-has-an-end",
                   test_a_deep_schema_has_an_end);
  g_test_add_func ("/gemini-schema/references-are-seen", test_references_are_seen);
  g_test_add_func ("/gemini-schema/a-schema-becomes-json-schema",
                   test_a_schema_becomes_json_schema);
  g_test_add_func ("/gemini-schema/there-and-back-is-stable",
                   test_there_and_back_is_stable);
  return g_test_run ();
}
