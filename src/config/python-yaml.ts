import type { ScalarTag, Tags } from 'yaml';

/** YAML 1.1 as PyYAML reads it, which knows fewer words for true and fewer shapes of numbers than the standard. */
export function pythonTags(tags: Tags): Tags {
  return tags.map((tag) => (isScalarTag(tag) ? { ...tag, ...narrower(tag) } : tag));
}

function narrower(tag: ScalarTag): Partial<ScalarTag> {
  if (tag.tag === 'tag:yaml.org,2002:bool')
    return {
      test: tag.test?.test('true')
        ? /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/
        : /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/,
    };
  if (tag.tag === 'tag:yaml.org,2002:float' && tag.format === 'EXP')
    return { test: /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9_]+)[eE][-+][0-9]+$/ };
  if (tag.tag === 'tag:yaml.org,2002:int' && tag.format === undefined) return { test: /^[-+]?(?:0|[1-9][0-9_]*)$/ };
  return {};
}

function isScalarTag(tag: Tags[number]): tag is ScalarTag {
  return typeof tag === 'object' && 'test' in tag;
}
