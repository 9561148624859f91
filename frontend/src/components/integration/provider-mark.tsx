import { Database, FileSpreadsheet, Plug, Webhook } from 'lucide-react';

/** A connector's mark; one that has none gets a plug. */
export function ProviderMark({ provider }: { provider: string }) {
  const Icon =
    provider === 'file'
      ? FileSpreadsheet
      : provider === 'webhook'
        ? Webhook
        : /sql|oracle|database/.test(provider)
          ? Database
          : Plug;
  return (
    <span className="flex size-9 shrink-0 items-center justify-center rounded-lg border bg-card text-muted-foreground">
      <Icon className="size-4.5" aria-hidden />
    </span>
  );
}
