import { ArrowDown, ArrowRight, ArrowUp, CircleX, EllipsisVertical, GripVertical, Trash2 } from 'lucide-react';
import { type DragEvent, memo, useId, useMemo, useRef, useState } from 'react';
import type { Function as MappingFunction } from '@/api/generated/types.gen';
import { Button } from '@/components/ui/button';
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '@/components/ui/dropdown-menu';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Bdi, Mono } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useFormats } from '@/lib/format';
import { mappingMessages } from './messages';
import type { ColumnProfile, Problem } from './questions';
import { isWhole, moved, type Row } from './rows';
import { attribute, attributeName, targetOf, targets } from './targets';
import { TransformEditor } from './transform-editor';

export interface SourceColumn {
  name: string;
  profile?: ColumnProfile | undefined;
}

interface MappingTableProps {
  rows: readonly Row[];
  onChange: (rows: Row[]) => void;
  /** Empty where nobody knows the source's columns: then they are typed. */
  columns: readonly SourceColumn[];
  functions: readonly MappingFunction[];
  problems: Map<string, Problem[]>;
  /** The row that the preview looks at. */
  active: string;
  onActive: (key: string) => void;
}

/** The rows of one stream and entity: source field → target field → what is done on the way. */
export function MappingTable({ rows, onChange, columns, functions, problems, active, onActive }: MappingTableProps) {
  const t = useMessages(mappingMessages);
  const [told, setTold] = useState('');
  const [dragged, setDragged] = useState('');
  const latest = useRef({ rows, onChange, onActive, dragged, t });
  latest.current = { rows, onChange, onActive, dragged, t };
  // The same for all time, so that a key in one row draws none of the others anew.
  const deeds = useMemo<RowDeeds>(() => {
    const move = (key: string, over: Row | undefined) => {
      if (!over || over.key === key) return;
      const { rows, onChange, t } = latest.current;
      const next = moved(rows, key, over.key);
      const place = next.findIndex((row) => row.key === key);
      onChange(next);
      setTold(t('movedTo', { target: next[place]?.target ?? '', n: place + 1, whole: next.length }));
    };
    return {
      step: (key, by) => move(key, latest.current.rows[latest.current.rows.findIndex((row) => row.key === key) + by]),
      drag: setDragged,
      enter: (row) => latest.current.dragged && move(latest.current.dragged, row),
      look: (key) => latest.current.onActive(key),
      change: (key, part) =>
        latest.current.onChange(latest.current.rows.map((row) => (row.key === key ? { ...row, ...part } : row))),
      remove: (key) => latest.current.onChange(latest.current.rows.filter((row) => row.key !== key)),
    };
  }, []);
  const targets = rows.map((row) => row.target).join('\n');
  const taken = useMemo(() => new Set(targets.split('\n')), [targets]);
  const fields = useMemo(() => columns.map((column) => column.name), [columns]);
  return (
    <div className="@container">
      <table
        role="table"
        className="w-full table-fixed border-collapse text-table card-mapping:block"
        // Enter in a field is no "continue" of the form around the table.
        onKeyDown={(event) => {
          if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.preventDefault();
        }}
      >
        <caption className="sr-only">{t('table')}</caption>
        <thead role="rowgroup" className="card-mapping:sr-only">
          <tr role="row" className="border-b text-muted-foreground">
            <th role="columnheader" scope="col" className="w-10 py-2">
              <span className="sr-only">{t('order')}</span>
            </th>
            {(['source', 'target', 'transform'] as const).map((name) => (
              <th
                key={name}
                role="columnheader"
                scope="col"
                className={cn('px-2 py-2 text-start font-medium', name === 'transform' ? 'w-[36%]' : 'w-[32%]')}
              >
                {t(name)}
              </th>
            ))}
            <th role="columnheader" scope="col" className="w-11 py-2">
              <span className="sr-only">{t('more')}</span>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup" className="card-mapping:block">
          {rows.map((row) => (
            <MappingRow
              key={row.key}
              row={row}
              columns={columns}
              functions={functions}
              fields={fields}
              problems={problems.get(row.key)}
              taken={taken}
              isActive={row.key === active}
              isDragged={row.key === dragged}
              isOneOfMany={rows.length > many}
              deeds={deeds}
            />
          ))}
        </tbody>
      </table>
      <p role="status" className="sr-only">
        {told}
      </p>
    </div>
  );
}

/** What is done to a row, by its key. */
interface RowDeeds {
  change: (key: string, part: Partial<Row>) => void;
  remove: (key: string) => void;
  /** One place up (-1) or down (1). */
  step: (key: string, by: number) => void;
  /** The key when the pointer takes it, nothing when it lets go. */
  drag: (key: string) => void;
  /** What is dragged has come over this row. */
  enter: (row: Row) => void;
  look: (key: string) => void;
}

interface MappingRowProps {
  row: Row;
  columns: readonly SourceColumn[];
  /** Their names. */
  fields: readonly string[];
  functions: readonly MappingFunction[];
  problems: Problem[] | undefined;
  /** Targets that have a row. */
  taken: ReadonlySet<string>;
  isActive: boolean;
  isDragged: boolean;
  isOneOfMany: boolean;
  deeds: RowDeeds;
}

/** So many editors stand at once without being felt. */
const many = 50;
const nothing: Problem[] = [];
const quiet = 'h-7 border-transparent bg-transparent px-1.5 hover:border-input';

const MappingRow = memo(function MappingRow(props: MappingRowProps) {
  const { row, columns, fields, functions, problems = nothing, taken, isActive, isDragged, isOneOfMany, deeds } = props;
  const t = useMessages(mappingMessages);
  const id = useId();
  const name = row.target || row.source;
  const ofTransform = useMemo(() => problems.filter((problem) => problem.line !== undefined), [problems]);
  const cell = 'px-2 py-2 text-start align-top card-mapping:block card-mapping:px-0 card-mapping:py-1';
  const label = 'hidden text-xs text-muted-foreground card-mapping:block';
  const take = (event: DragEvent) => {
    event.dataTransfer.effectAllowed = 'move';
    // Firefox drags only what has data.
    event.dataTransfer.setData('text/plain', name);
    const line = event.currentTarget.closest('tr');
    if (line) event.dataTransfer.setDragImage(line, 8, 8);
    deeds.drag(row.key);
  };
  return (
    <tr
      role="row"
      id={`mapping-${row.key}`}
      data-active={isActive || undefined}
      onFocusCapture={() => deeds.look(row.key)}
      onDragEnter={() => deeds.enter(row)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => event.preventDefault()}
      className={cn(
        'relative border-b last:border-b-0 data-active:bg-muted/60 card-mapping:block card-mapping:px-4 card-mapping:py-3',
        isDragged && 'opacity-50',
      )}
    >
      <td role="cell" className={cn(cell, 'ps-3 pe-0 card-mapping:absolute card-mapping:end-12 card-mapping:top-2')}>
        <button
          type="button"
          className="flex h-8 w-6 cursor-grab items-center justify-center rounded-sm text-muted-foreground hover:text-foreground"
          draggable
          onDragStart={take}
          onDragEnd={() => deeds.drag('')}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
            event.preventDefault();
            deeds.step(row.key, event.key === 'ArrowUp' ? -1 : 1);
          }}
          aria-label={t('move', { target: name })}
        >
          <GripVertical className="size-4" aria-hidden />
        </button>
      </td>
      <td role="cell" className={cell}>
        <span className={label} aria-hidden>
          {t('source')}
        </span>
        <SourceField row={row} columns={columns} onChange={deeds.change} />
      </td>
      <td role="cell" className={cell}>
        <span className={label} aria-hidden>
          {t('target')}
        </span>
        <div className="flex items-start gap-2">
          <ArrowRight
            className={cn(
              'mirrored mt-1.5 -ms-4 size-4 shrink-0 text-muted-foreground card-mapping:ms-0',
              problems.length > 0 && 'text-danger',
            )}
            aria-hidden
          />
          <TargetField row={row} taken={taken} onChange={deeds.change} />
        </div>
      </td>
      <td role="cell" className={cell}>
        <span className={label} aria-hidden>
          {t('transform')}
        </span>
        <TransformEditor
          label={t('transformOf', { target: name })}
          placeholder={t('asItIs')}
          value={row.transform}
          onChange={(transform) => deeds.change(row.key, { transform })}
          problems={ofTransform}
          isInvalid={problems.length > 0}
          describedBy={problems.length > 0 ? `${id}-problems` : undefined}
          functions={functions}
          fields={fields}
          isOneOfMany={isOneOfMany}
        />
        {!isWhole(row) && <p className="mt-1 text-xs text-warning">{t('unfinished')}</p>}
        {problems.length > 0 && (
          <ul id={`${id}-problems`} className="mt-1 flex flex-col gap-0.5 text-danger">
            {problems.map((problem) => (
              <li key={`${problem.code} ${problem.column}`} className="flex items-start gap-1.5">
                <CircleX className="mt-0.5 size-4 shrink-0" aria-hidden />
                <span dir="ltr" lang="en" className="min-w-0 break-words">
                  {[problem.message, problem.suggestion].filter(Boolean).join(' ')}
                </span>
              </li>
            ))}
          </ul>
        )}
        {(row.write !== 'always' || row.empty !== 'ignore') && (
          <p className="mt-1 text-xs text-muted-foreground">
            {[
              row.write !== 'always' && `${t('write')}: ${t(`write.${row.write}`)}`,
              row.empty !== 'ignore' && `${t('empty')} ${t(`empty.${row.empty}`)}`,
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        )}
      </td>
      <td role="cell" className={cn(cell, 'ps-0 card-mapping:absolute card-mapping:end-2 card-mapping:top-2')}>
        <Menu
          trigger={
            <Button variant="ghost" size="icon" className="size-8" aria-label={t('rowMenu', { target: name })}>
              <EllipsisVertical aria-hidden />
            </Button>
          }
        >
          <MenuChoice
            label={t('write')}
            value={row.write}
            choices={(['always', 'when_empty', 'on_create'] as const).map((value) => ({
              value,
              label: t(`write.${value}`),
            }))}
            onChange={(write) => deeds.change(row.key, { write })}
          />
          <MenuSeparator />
          <MenuChoice
            label={t('empty')}
            value={row.empty}
            choices={(['ignore', 'erase'] as const).map((value) => ({ value, label: t(`empty.${value}`) }))}
            onChange={(empty) => deeds.change(row.key, { empty })}
          />
          <MenuSeparator />
          <MenuItem onSelect={() => deeds.step(row.key, -1)}>
            <ArrowUp aria-hidden />
            {t('moveUp')}
          </MenuItem>
          <MenuItem onSelect={() => deeds.step(row.key, 1)}>
            <ArrowDown aria-hidden />
            {t('moveDown')}
          </MenuItem>
          <MenuItem isDangerous onSelect={() => deeds.remove(row.key)}>
            <Trash2 aria-hidden />
            {t('remove')}
          </MenuItem>
        </Menu>
      </td>
    </tr>
  );
});

interface SourceFieldProps extends Pick<MappingRowProps, 'row' | 'columns'> {
  onChange: RowDeeds['change'];
}

function SourceField({ row, columns, onChange }: SourceFieldProps) {
  const t = useMessages(mappingMessages);
  const format = useFormats();
  const label = t('sourceOf', { target: row.target || '…' });
  if (columns.length === 0) {
    return (
      <Input
        aria-label={label}
        placeholder={t('chooseSource')}
        value={row.source}
        onChange={(event) => onChange(row.key, { source: event.target.value })}
        className="h-8"
      />
    );
  }
  const column = columns.find(({ name }) => name === row.source);
  const names = columns.map(({ name }) => name);
  if (row.source && !column) names.unshift(row.source);
  const profile = column?.profile;
  const facts = profile
    ? [
        t(`type.${profile.type}`),
        t('filled', { share: format.percent(profile.rows ? profile.filled / profile.rows : 0) }),
      ]
    : row.source && !column
      ? [t('unknownSource')]
      : [];
  return (
    <>
      <Select
        aria-label={label}
        value={row.source || undefined}
        placeholder={t('chooseSource')}
        choices={names.map((name) => ({ value: name, label: <bdi>{name}</bdi> }))}
        onChange={(source) => onChange(row.key, { source })}
        className={cn(row.source ? quiet : 'h-8', 'font-medium')}
      />
      {facts.length > 0 && <p className="truncate ps-1.5 text-xs text-muted-foreground">{facts.join(' · ')}</p>}
      {profile && profile.samples.length > 0 && (
        <p className="flex px-1.5 text-xs text-muted-foreground" title={profile.samples.join('\n')}>
          <span className="sr-only">{t('samples')}</span>
          <Bdi className="truncate">{profile.samples[0]}</Bdi>
        </p>
      )}
    </>
  );
}

const another = '\u0000another';

interface TargetFieldProps extends Pick<MappingRowProps, 'row' | 'taken'> {
  onChange: RowDeeds['change'];
}

function TargetField({ row, taken, onChange }: TargetFieldProps) {
  const t = useMessages(mappingMessages);
  const [isTyping, setTyping] = useState(false);
  const label = t('targetOf', { source: row.source || '…' });
  const known = targetOf(row.entity, row.target);
  const own = `${attribute}${attributeName(row.source)}`;
  const names = targets[row.entity].map(({ name }) => name);
  if (row.source && !names.includes(own)) names.push(own);
  if (row.target && !names.includes(row.target)) names.push(row.target);
  const facts = known
    ? [known.isRequired && t('required'), known.isUnique && t('unique')].filter(Boolean)
    : row.target.startsWith(attribute)
      ? [t('ownField')]
      : [];
  return (
    <div className="min-w-0 flex-1">
      {isTyping ? (
        <Input
          aria-label={t('ownName')}
          dir="ltr"
          autoFocus
          className="h-8 font-mono text-xs"
          value={row.target.startsWith(attribute) ? row.target.slice(attribute.length) : ''}
          onChange={(event) => onChange(row.key, { target: `${attribute}${event.target.value}` })}
          onBlur={() => setTyping(false)}
          onKeyDown={(event) => event.key === 'Enter' && setTyping(false)}
        />
      ) : (
        <Select
          aria-label={label}
          value={row.target || undefined}
          placeholder={t('chooseTarget')}
          choices={[
            ...names.map((name) => ({
              value: name,
              label: <Mono>{name}</Mono>,
              isDisabled: name !== row.target && taken.has(name),
            })),
            { value: another, label: t('own') },
          ]}
          onChange={(target) => {
            if (target !== another) return onChange(row.key, { target });
            onChange(row.key, { target: own });
            setTyping(true);
          }}
          className={row.target ? quiet : 'h-8'}
        />
      )}
      {facts.length > 0 && <p className="ps-1.5 text-xs text-muted-foreground">{facts.join(' · ')}</p>}
    </div>
  );
}
