/** Finds and reads architecture files: from YAML to `Architecture`, or an error that names the place. */
import { host } from '#host';
import { type YamlDocument, parseYaml, throwAll, validate } from '../spec/document.ts';
import { type Diagnostic, InputError } from '../spec/errors.ts';
import { evaluate } from '../spec/expression.ts';
import { type Source, readSource } from '../spec/source.ts';
import { didYouMean } from '../spec/suggest.ts';
import type { Architecture } from './architecture.ts';
import { buildArchitecture } from './build.ts';
import { architectureSchema } from './schema.ts';
import { structureProblems } from './structure.ts';

const { files } = host;
const SHIPPED = files.shipped('archs');

/**
 * The architecture of that name. A path, then NAME or NAME.yaml in the working directory, then the shipped ones.
 *
 * @throws InputError if there is none, or with every mistake in its file
 */
export function loadArchitecture(nameOrPath: string): Architecture {
  const { file, text } = architectureSource(nameOrPath);
  return parseArchitecture(parseYaml(text, file));
}

/** The text `loadArchitecture` would read. */
export function architectureSource(nameOrPath: string): Source {
  return readSource(resolve(nameOrPath));
}

/** Names of the shipped architectures, sorted. */
export function listArchitectures(): string[] {
  return files
    .list(SHIPPED)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();
}

/** Variables of the document that is read at the moment: what the schema's expressions may name. */
const scope: Record<string, number> = {};
/** Building it takes longer than reading a document by it. */
let schema: ReturnType<typeof architectureSchema> | undefined;

/**
 * The architecture a document describes.
 *
 * @throws InputError with every mistake, in file order
 */
export function parseArchitecture(document: YamlDocument): Architecture {
  const { variables, problems } = readVariables(document);
  for (const name of Object.keys(scope)) delete scope[name];
  Object.assign(scope, variables);
  schema ??= architectureSchema(scope);
  const validation = validate(document, schema);
  if (!validation.success) problems.push(...validation.diagnostics);
  problems.push(...structureProblems(document));
  if (problems.length > 0 || !validation.success) throwAll(problems);
  const architecture = buildArchitecture(document, validation.value);
  return validation.value.constraints
    ? { ...architecture, constraints: { document, path: ['constraints'] } }
    : architecture;
}

/** Values of `variables:`, each of which may use those above it. A bad one counts as 1 for the rest of the file. */
function readVariables(document: YamlDocument): {
  variables: Record<string, number>;
  problems: Diagnostic[];
} {
  const variables: Record<string, number> = {};
  const problems: Diagnostic[] = [];
  const section = document.at(['variables']);
  if (typeof section !== 'object' || section === null || Array.isArray(section))
    return { variables, problems };
  for (const [name, value] of Object.entries(section)) {
    // What is neither text nor a number is the schema's to report.
    if (typeof value !== 'string' && typeof value !== 'number') variables[name] = 1;
    else {
      const result = attempt(() => evaluate(String(value), variables));
      variables[name] = typeof result === 'number' ? result : 1;
      if (typeof result !== 'number') {
        const { message, suggestion } = result;
        problems.push(document.diagnostic(['variables', name], message, { suggestion }));
      }
    }
  }
  return { variables, problems };
}

function attempt(read: () => number): number | Diagnostic {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) return error.diagnostics[0];
    throw error;
  }
}

function resolve(nameOrPath: string): string {
  const local = [nameOrPath, `${nameOrPath}.yaml`].find(files.isFile);
  if (local !== undefined) return local;
  const plain = files.basename(nameOrPath) === nameOrPath;
  const name = nameOrPath.replace(/\.ya?ml$/, '');
  const shipped = files.join(SHIPPED, `${name}.yaml`);
  if (plain && files.isFile(shipped)) return shipped;
  // A path, or a directory of that name: the reader says what is wrong with it.
  if (!plain || files.exists(nameOrPath)) return nameOrPath;
  const known = listArchitectures();
  throw new InputError({
    message: `no architecture '${nameOrPath}'`,
    expected: `a file, or one of ${known.join(', ')}`,
    suggestion: didYouMean(name, known),
  });
}
