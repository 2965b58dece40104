import { Type } from '../type.ts';

const Health = <S extends string, D extends string>(title: string, status: S, database: D) =>
  Type.Object({ status: Type.Literal(status), database: Type.Literal(database), api: Type.Literal('ok') }, { title });

export const Healthy = Health('Healthy', 'healthy', 'connected');
export const Unhealthy = Health('Unhealthy', 'unhealthy', 'disconnected');

export const Alive = Type.Object({ status: Type.Literal('alive') }, { title: 'Alive' });

export const Readiness = Type.Object(
  {
    status: Type.Unsafe<'ready' | 'not_ready'>({ type: 'string', enum: ['ready', 'not_ready'] }),
    database: Type.Unsafe<'connected' | 'disconnected'>({ type: 'string', enum: ['connected', 'disconnected'] }),
    migrations: Type.Unsafe<'at_head' | 'pending' | 'unknown'>({
      type: 'string',
      enum: ['at_head', 'pending', 'unknown'],
    }),
    shutting_down: Type.Boolean(),
  },
  { title: 'Readiness' },
);
