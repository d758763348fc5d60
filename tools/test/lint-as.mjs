// Lints texts as if they stood at given paths, with our own configuration; JSON in, JSON out.
// Rules that need types are off, since files that do not exist have none.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const cases = JSON.parse(await text(process.stdin));
const answers = [];
for (const { path, code, rules = {} } of cases) {
  const overrideConfig = [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }, { rules }];
  const [result] = await new ESLint({ overrideConfig }).lintText(code, { filePath: path });
  answers.push(result.messages.map(({ ruleId, message, line }) => ({ ruleId, message, line })));
}
process.stdout.write(JSON.stringify(answers));
