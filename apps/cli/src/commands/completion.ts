/** `mcpstack completion`: scripts that complete commands, options and their values, made from the tree of commands. */
import { Argument, type Command } from 'commander';
import { SHELLS, type Shell } from '../completion-script.ts';
import { example } from '../help.ts';

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .summary('print a completion script')
    .description('Prints a script that completes commands, options and their values in bash, zsh or fish.')
    .addHelpText(
      'after',
      example(
        'mcpstack completion bash > ~/.local/share/bash-completion/completions/mcpstack',
        'mcpstack completion zsh > "${fpath[1]}/_mcpstack"',
        'mcpstack completion fish > ~/.config/fish/completions/mcpstack.fish',
      ),
    )
    .action((shell: Shell) => {
      process.stdout.write(SHELLS[shell](program));
    });
}
