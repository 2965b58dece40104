import { Type } from 'typebox';

const Health = <S extends string, D extends string>(status: S, database: D) =>
  Type.Object({ status: Type.Literal(status), database: Type.Literal(database), api: Type.Literal('ok') });

export const Healthy = Health('healthy', 'connected');
export const Unhealthy = Health('unhealthy', 'disconnected');

export const Alive = Type.Object({ status: Type.Literal('alive') });

export const Readiness = Type.Object({
  status: Type.Unsafe<'ready' | 'not_ready'>({ type: 'string', enum: ['ready', 'not_ready'] }),
  database: Type.Unsafe<'connected' | 'disconnected'>({ type: 'string', enum: ['connected', 'disconnected'] }),
  migrations: Type.Unsafe<'at_head' | 'pending' | 'unknown'>({
    type: 'string',
    enum: ['at_head', 'pending', 'unknown'],
  }),
  shutting_down: Type.Boolean(),
});
