/** What the audit trail is narrowed to. */
import { Button, Group, MultiSelect, Paper, Select, TextInput } from '@mantine/core';
import type { AuditEventType } from '@mcpstack/contracts';
import { useState } from 'react';
import { useHere } from '../../api/organization.tsx';
import { localOf, timeOf } from '../../ui/local-time.ts';
import { TYPE_OPTIONS } from './event-words.ts';
import { isActor, isFiltered, isSubject, type Filters } from './filters.ts';
import type { Named } from './names.ts';

interface FilterBarProps {
  filters: Filters;
  onChange: (changes: Partial<Filters>) => void;
  names: readonly Named[];
}

/** The parts of the system that do something by themselves. */
const SYSTEM = ['scheduler', 'issuance', 'gateway', 'authorizer', 'webhooks', 'setup'];
const NOTHING: Filters = { type: [], actor: undefined, subject: undefined, from: undefined, to: undefined };

export function FilterBar({ filters, onChange, names }: FilterBarProps) {
  const { orgId } = useHere();
  const [isOpen, setOpen] = useState(isFiltered(filters));
  const actors = names.filter(({ group }) => group === 'Members' || group === 'Service keys');
  const system = SYSTEM.map((id) => ({ id, name: id, group: 'MCPStack itself' }));
  const organization = { id: orgId, name: 'The organization itself', group: 'Organization' };
  return (
    <>
      {/* On a telephone they would be all that is seen. */}
      <Button
        variant="default"
        hiddenFrom="sm"
        mb="md"
        onClick={() => setOpen(!isOpen)}
        aria-expanded={isOpen}
      >
        Filters
      </Button>
      <Paper
        withBorder
        p="md"
        component="search"
        aria-label="Filters"
        mb="md"
        {...(!isOpen && { visibleFrom: 'sm' })}
      >
        <Group align="flex-end" gap="sm">
          <MultiSelect
            label="What"
            placeholder={filters.type.length === 0 ? 'Everything' : ''}
            data={TYPE_OPTIONS}
            value={[...filters.type]}
            onChange={(type) => onChange({ type: type as AuditEventType[] })}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': 'Show everything' }}
            w={{ base: '100%', sm: 280 }}
          />
          <IdSelect
            label="Who"
            placeholder="Anybody"
            value={filters.actor}
            onChange={(actor) => onChange({ actor })}
            names={[...actors, ...system]}
            isId={isActor}
          />
          <IdSelect
            label="About"
            placeholder="Anything"
            value={filters.subject}
            onChange={(subject) => onChange({ subject })}
            names={[organization, ...names]}
            isId={isSubject}
          />
          <TimeField label="From" at={filters.from} onChange={(from) => onChange({ from })} />
          <TimeField label="Before" at={filters.to} onChange={(to) => onChange({ to })} />
          {isFiltered(filters) && (
            <Button variant="default" onClick={() => onChange(NOTHING)}>
              Show everything
            </Button>
          )}
        </Group>
      </Paper>
    </>
  );
}

interface IdSelectProps {
  label: string;
  placeholder: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  names: readonly Named[];
  isId: (text: string) => boolean;
}

/** By name; what is gone has no name any more, and is found by typing its id. */
function IdSelect({ label, placeholder, value, onChange, names, isId }: IdSelectProps) {
  const [typed, setTyped] = useState('');
  const isKnown = (id: string) => names.some((one) => one.id === id);
  const byId = [value, isId(typed) ? typed : undefined].filter(
    (one, at, all) => one !== undefined && !isKnown(one) && all.indexOf(one) === at,
  );
  const groups = [...new Set(names.map(({ group }) => group))].map((group) => ({
    group,
    items: names.filter((one) => one.group === group).map(({ id, name }) => ({ value: id, label: name })),
  }));
  return (
    <Select
      label={label}
      placeholder={placeholder}
      data={[...(byId.length > 0 ? [{ group: 'By id', items: byId.map((one) => one!) }] : []), ...groups]}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      searchable
      onSearchChange={setTyped}
      clearable
      clearButtonProps={{ 'aria-label': placeholder }}
      nothingFoundMessage="Nobody and nothing of this name; an id can be typed"
      w={{ base: '100%', sm: 220 }}
    />
  );
}

interface TimeFieldProps {
  label: string;
  at: string | undefined;
  onChange: (at: string | undefined) => void;
}

/** Asked for once it is left or entered: a year that is half typed is a year as well. */
function TimeField({ label, at, onChange }: TimeFieldProps) {
  const [typed, setTyped] = useState<string>();
  const enter = () => {
    if (typed !== undefined && timeOf(typed) !== at) onChange(timeOf(typed));
    setTyped(undefined);
  };
  return (
    <TextInput
      label={label}
      type="datetime-local"
      value={typed ?? localOf(at)}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      onBlur={enter}
      onKeyDown={({ key }) => key === 'Enter' && enter()}
    />
  );
}
