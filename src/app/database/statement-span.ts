import type { Span } from '../observability/trace.ts';
import { summarize } from './statement-summary.ts';

/** The span has the statement's text with placeholders, never the values: users typed them. */
export function startStatementSpan(parent: Span, text: string): Span {
  const { operation, table } = summarize(text);
  return parent.child(table === undefined ? operation : `${operation} ${table}`, {
    kind: 'client',
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'db.collection.name': table,
      'db.query.text': text,
    },
  });
}
