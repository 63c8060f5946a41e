// Prints what hyparquet reads of a Parquet file: a line with its schema and groups of rows, then a line a row. Argument: the file.
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { readFileSync } from 'node:fs'

const bytes = readFileSync(process.argv[2])
const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
const print = value => console.log(JSON.stringify(value, (_, item) => typeof item === 'bigint' ? Number(item) : item))

const metadata = parquetMetadata(file)
print({
  columns: metadata.schema.slice(1).filter(element => element.type).map(element => element.name),
  groups: metadata.row_groups.map(group => group.num_rows),
  codecs: [...new Set(metadata.row_groups.flatMap(group => group.columns.map(column => column.meta_data.codec)))],
  facts: Object.fromEntries(metadata.key_value_metadata.map(({ key, value }) => [key, value])),
})
for (const row of await parquetReadObjects({ file, compressors })) {
  print(row)
}
