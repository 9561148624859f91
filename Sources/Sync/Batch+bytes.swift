internal import Columns

extension Batch {
    /// About what the rows take in a text file: values and a separator each.
    var valueBytes: Int64 {
        columns.reduce(0) { total, column in
            column.field.name.hasPrefix("_tf_") ? total : total + Int64(column.bytes.count + count)
        }
    }
}
