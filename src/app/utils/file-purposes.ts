/** What files of one purpose may be. */
export interface FilePurpose {
  /** The media types that are taken, in lower case: `image/png`. */
  types: readonly string[];
  /** The largest file in bytes. */
  max_bytes: number;
  /** The most files of this purpose that one account may have, begun uploads among them. */
  per_account: number;
}

/** The purposes of a product by their names. */
export type FilePurposes = Readonly<Record<string, FilePurpose>>;
