/** Completion scripts for three shells. They are whole: completing starts no process, and asks no server. */
import { type Argument, type Command, type Option } from 'commander';

/** A command as a shell completes it. */
interface Place {
  /** `mcpstack api-keys create` */
  path: string;
  commands: { name: string; about: string }[];
  options: { flags: string[]; about: string; takesValue: boolean; choices: readonly string[] }[];
  /** Values of its arguments, where they are known. */
  values: readonly string[];
}

export const SHELLS = { bash, zsh, fish } as const;
export type Shell = keyof typeof SHELLS;

function placesOf(command: Command, before: readonly Option[] = [], above = ''): Place[] {
  const path = `${above}${command.name()}`;
  const help = command.createHelp();
  const options = [...help.visibleOptions(command), ...before.filter((option) => !option.hidden)];
  const subcommands = help.visibleCommands(command);
  const place: Place = {
    path,
    commands: subcommands.map((one) => ({ name: one.name(), about: help.subcommandDescription(one) })),
    options: options.map((option) => ({
      flags: [option.short, option.long].filter((flag) => flag !== undefined),
      about: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    })),
    values: command.registeredArguments.flatMap(({ argChoices }: Argument) => argChoices ?? []),
  };
  const global = above === '' ? [...command.options].filter(({ long }) => long !== '--version') : before;
  // `help` is made by commander, and is no member of the list.
  return [place, ...command.commands.flatMap((one) => placesOf(one, global, `${path} `))];
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
const flagsWithValue = (places: readonly Place[]) => [
  ...new Set(places.flatMap(({ options }) => options.flatMap((one) => (one.takesValue ? one.flags : [])))),
];
const withChoices = ({ options }: Place) => options.filter(({ choices }) => choices.length > 0);

function bash(program: Command): string {
  const places = placesOf(program);
  const at = places.map(({ path, commands, options, values }) => {
    const words = [...values, ...options.flatMap(({ flags }) => flags)].join(' ');
    return `    ${quote(path)}) commands=${quote(commands.map(({ name }) => name).join(' '))} words=${quote(words)} ;;`;
  });
  const choices = places.flatMap((place) =>
    withChoices(place).flatMap(({ flags, choices }) =>
      flags.map(
        (flag) => `    ${quote(`${place.path} ${flag}`)}) words=${quote(choices.join(' '))} commands= ;;`,
      ),
    ),
  );
  const valued = flagsWithValue(places).join('|');
  return `# Completion of mcpstack for bash: made by "mcpstack completion bash".
_mcpstack_at() {
  case "$1" in
${at.join('\n')}
    *) commands= words= ;;
  esac
}
_mcpstack() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local path=mcpstack commands words word i
  _mcpstack_at "$path"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in ${valued}) ((i++)); continue ;; esac
    case " $commands " in *" $word "*) path="$path $word"; _mcpstack_at "$path" ;; esac
  done
  case "$path $prev" in
${choices.join('\n')}
    *) case "$prev" in ${valued}) commands= words= ;; esac ;;
  esac
  COMPREPLY=($(compgen -W "$commands $words" -- "$cur"))
}
complete -F _mcpstack mcpstack
`;
}

function zsh(program: Command): string {
  const places = placesOf(program);
  const entry = (name: string, about: string) => quote(`${name.replaceAll(':', '\\:')}:${about}`);
  const at = places.map(({ path, commands, options, values }) => {
    const words = [
      ...values.map((value) => entry(value, '')),
      ...options.flatMap(({ flags, about }) => flags.map((flag) => entry(flag, about))),
    ];
    return `    ${quote(path)}) commands=(${commands.map(({ name, about }) => entry(name, about)).join(' ')}) words_=(${words.join(' ')}) ;;`;
  });
  const choices = places.flatMap((place) =>
    withChoices(place).flatMap(({ flags, choices }) =>
      flags.map(
        (flag) =>
          `    ${quote(`${place.path} ${flag}`)}) commands=() words_=(${choices.map(quote).join(' ')}) ;;`,
      ),
    ),
  );
  const valued = flagsWithValue(places).join('|');
  return `#compdef mcpstack
# Completion of mcpstack for zsh: made by "mcpstack completion zsh".
_mcpstack_at() {
  case "$1" in
${at.join('\n')}
    *) commands=() words_=() ;;
  esac
}
_mcpstack() {
  local at=mcpstack word previous="$words[CURRENT-1]" i
  local -a commands words_
  _mcpstack_at "$at"
  for ((i = 2; i < CURRENT; i++)); do
    word="$words[i]"
    case "$word" in ${valued}) ((i++)); continue ;; esac
    (( \${commands[(I)\${word}:*]} )) && { at="$at $word"; _mcpstack_at "$at" }
  done
  case "$at $previous" in
${choices.join('\n')}
    *) case "$previous" in ${valued}) commands=() words_=() ;; esac ;;
  esac
  _describe 'command' commands
  _describe -o 'option' words_
}
if [ "$funcstack[1]" = _mcpstack ]; then _mcpstack "$@"; else compdef _mcpstack mcpstack; fi
`;
}

function fish(program: Command): string {
  const places = placesOf(program);
  const escape = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = places.flatMap(({ path, commands, options, values }) => {
    const when = `complete -c mcpstack -n ${escape(`__mcpstack_at '${path}'`)}`;
    return [
      ...commands.map(({ name, about }) => `${when} -a ${escape(name)} -d ${escape(about)}`),
      ...(values.length > 0 ? [`${when} -a ${escape(values.join(' '))}`] : []),
      ...options.map(({ flags, about, takesValue, choices }) => {
        const names = flags.map((flag) =>
          flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
        );
        const given = choices.length > 0 ? ` -a ${escape(choices.join(' '))}` : '';
        return `${when} ${names.join(' ')}${takesValue ? ` -x${given}` : ''} -d ${escape(about)}`;
      }),
    ];
  });
  return `# Completion of mcpstack for fish: made by "mcpstack completion fish".
set -g __mcpstack_places ${places.map(({ path }) => escape(path)).join(' ')}
set -g __mcpstack_valued ${flagsWithValue(places).join(' ')}
function __mcpstack_at
  set -l at mcpstack
  set -l skip 0
  for word in (commandline -opc)[2..]
    if test $skip = 1
      set skip 0
    else if contains -- $word $__mcpstack_valued
      set skip 1
    else if contains -- "$at $word" $__mcpstack_places
      set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c mcpstack -f
${lines.join('\n')}
`;
}
