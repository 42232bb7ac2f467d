/* yaml.h - YAML text as JSON values and back, by libyaml.
 *
 * One document of the core schema (YAML 1.2): null, true, false, numbers, texts, lists, mappings with names
 * for keys. JSON is YAML, so both are read. Anchors, aliases and tags are refused: nothing here needs them,
 * and an alias can make a megabyte out of a line. Depth, values and sizes are bounded.
 *
 * Not here: the configuration file, whose lines become options (cli/config_file.c). */
#pragma once

#include "base/json.h"

/* Parses `len` bytes; ERR_USAGE with the line. New reference. */
json_t *yaml_parse(const char *text, size_t len, struct err *err);

/* `json` as block YAML, that yaml_parse() reads as the same values, added to `to`. */
void yaml_write(struct buf *to, const json_t *json);
