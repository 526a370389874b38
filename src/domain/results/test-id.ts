/** What a test is called, and where. */
export interface TestName {
  /** Module and class; empty where there is none. */
  readonly group: string;
  readonly name: string;
}

/** `setUpClass (module.Class)`: what unittest says in place of the tests that it hides. */
const fixture = /^(?<name>(?:setUp|tearDown)(?:Class|Module)) \((?<group>.+)\)$/;
/** A module that could not be imported. */
const unloaded = /^unittest\.loader\.(?:_FailedTest|ModuleImportFailure)\.(?<group>.+)$/;
/** One of tempest's attributes behind the name: `[id-UUID,smoke]`. */
const idAttribute = /^id-[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** `module.Class.test_method[id-…]` as module and class, and the rest. */
export function splitTestId(id: string): TestName {
  const { group, name } = fixture.exec(id)?.groups ?? {};
  if (group !== undefined && name !== undefined) return { group, name };
  const bracket = id.indexOf('[');
  const dot = id.lastIndexOf('.', bracket < 0 ? id.length : bracket);
  return dot < 0 ? { group: '', name: id } : { group: id.slice(0, dot), name: id.slice(dot + 1) };
}

/** The class or module whose tests an id stands for; undefined when it is that of a test. */
export function hiddenGroup(id: string): string | undefined {
  return (fixture.exec(id) ?? unloaded.exec(id))?.groups?.['group'];
}

/** Without tempest's attributes, which change while the test stays the same. */
export function withoutAttributes(id: string): string {
  const bracket = id.lastIndexOf('[');
  if (bracket < 0 || !id.endsWith(']')) return id;
  const attributes = id.slice(bracket + 1, -1).split(',');
  return attributes.some((attribute) => idAttribute.test(attribute)) ? id.slice(0, bracket) : id;
}
