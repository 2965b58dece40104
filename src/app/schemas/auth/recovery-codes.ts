import { Type } from '../type.ts';
import { RecoveryCodeList } from './factors.ts';

export const RecoveryCodes = Type.Object({ recovery_codes: RecoveryCodeList }, { title: 'RecoveryCodes' });
