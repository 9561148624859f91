package import ConnectorKit

/// A file of one format, looked at: which streams it has, and the readers of their records.
///
/// One type per format. A file with one part takes any stream name, since an upload's name changes each month; one with
/// several parts has a stream for each, named after it, and refuses other names with a list of them.
package protocol RecordFile {
    /// The streams, each with a first value of every column where one of the first records has it.
    func streams(_ context: OperationContext) throws(ConnectorFailure) -> [StreamDescription]

    /// Starts reading a stream, from its start or after what the request's token covers.
    func reader(_ request: PullRequest, _ context: OperationContext) throws(ConnectorFailure) -> any RecordReader
}
