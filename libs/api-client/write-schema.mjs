// Writes src/schema.ts from docs/openapi.json: `node libs/api-client/write-schema.mjs`. With --check it writes
// nothing and exits with 1 when the file is not what the document says. Other paths may follow: document, file.
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import openapiTypeScript, { astToString } from 'openapi-typescript';

const isCheck = process.argv.includes('--check');
const [documentPath = '../../docs/openapi.json', schemaPath = './src/schema.ts'] = process.argv
  .slice(2)
  .filter((argument) => argument !== '--check')
  .map((path) => pathToFileURL(path));
const at = (path) => new URL(path, import.meta.url);

const text = await schemaOf(JSON.parse(await readFile(at(documentPath), 'utf8')));
if (!isCheck) await writeFile(at(schemaPath), text);
else if ((await readFile(at(schemaPath), 'utf8')) !== text) {
  console.error('schema.ts is not what the OpenAPI document says. Run: npm run openapi');
  process.exitCode = 1;
}

/** Types need no examples, and every problem has one shape: without them the file is a quarter as long. */
async function schemaOf(document) {
  for (const path of Object.values(document.paths))
    for (const operation of Object.values(path))
      for (const status of Object.keys(operation.responses ?? {}))
        if (/^[45]/.test(status)) delete operation.responses[status];
  const plain = JSON.parse(
    JSON.stringify(document, (name, value) => (isExample(name, value) ? undefined : value)),
  );
  const nodes = await openapiTypeScript(plain, {
    // What has a default need not be sent.
    defaultNonNullable: false,
  });
  return `// Made from docs/openapi.json by \`npm run openapi\`; changes by hand are lost.\n${astToString(nodes)}`;
}

function isExample(name, value) {
  // A property of a schema may be named so too; its value is a schema, which is an object with a type.
  return name === 'example' && !(value !== null && typeof value === 'object' && 'type' in value);
}
