import type { ReactNode } from 'react';
import { cn } from '@/lib/cn';

export interface Column<Row> {
  id: string;
  /** The header's text; it also stands before the value where each row is a card. */
  header: string;
  cell: (row: Row) => ReactNode;
  /** The one column that names the row. */
  isName?: boolean;
  /** Numbers stand at the end of their column. */
  isNumber?: boolean;
  /** The header is for who doesn't see the table only: a column of buttons, a box to pick by. */
  isHeaderHidden?: boolean;
  className?: string;
}

interface DataTableProps<Row> {
  /** What the table tells, for who doesn't see it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Marks rows that are picked. */
  isPicked?: (row: Row) => boolean;
  rowClassName?: (row: Row) => string;
  className?: string;
}

/**
 * A table with real headers; where it has little room each row is a card. Roles stand in the open, because a browser takes
 * a table's away with its `display`.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, rowKey, isPicked, rowClassName, className } = props;
  return (
    <div className="@container overflow-x-auto">
      <table role="table" className={cn('w-full border-collapse text-table card-rows:block', className)}>
        <caption className="sr-only">{caption}</caption>
        <thead role="rowgroup" className="card-rows:sr-only">
          <tr role="row" className="border-b">
            {columns.map((column) => (
              <th
                key={column.id}
                role="columnheader"
                scope="col"
                className={cn(
                  'px-4 py-2 text-start font-medium text-muted-foreground @max-4xl:px-3',
                  column.isNumber && 'text-end',
                  column.className,
                )}
              >
                {column.isHeaderHidden ? <span className="sr-only">{column.header}</span> : column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className="card-rows:block">
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              role="row"
              {...(isPicked && { 'aria-selected': isPicked(row) })}
              className={cn(
                'border-b last:border-b-0 hover:bg-muted/50 aria-selected:bg-muted card-rows:flex card-rows:flex-col card-rows:px-4 card-rows:py-3',
                rowClassName?.(row),
              )}
            >
              {columns.map((column) => {
                const Cell = column.isName ? 'th' : 'td';
                return (
                  <Cell
                    key={column.id}
                    role={column.isName ? 'rowheader' : 'cell'}
                    {...(column.isName && { scope: 'row' })}
                    {...(!column.isName && !column.isHeaderHidden && { 'data-label': column.header })}
                    className={cn(
                      'px-4 py-2.5 text-start align-middle font-normal @max-4xl:px-3 card-rows:flex card-rows:items-center card-rows:justify-between card-rows:gap-4 card-rows:px-0 card-rows:py-1',
                      'card-rows:data-label:before:shrink-0 card-rows:data-label:before:text-muted-foreground card-rows:data-label:before:content-[attr(data-label)]',
                      column.isName &&
                        'min-w-36 wrap-anywhere card-rows:order-first card-rows:min-w-0 card-rows:font-medium',
                      column.isNumber && 'text-end',
                      column.className,
                    )}
                  >
                    {column.cell(row)}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
