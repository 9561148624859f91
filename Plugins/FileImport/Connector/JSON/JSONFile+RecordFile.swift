package import ConnectorKit

extension JSONFile: RecordFile {
    /// A stream for each array of records; named after the file where there is one only.
    package func streams(_ context: OperationContext) throws(ConnectorFailure) -> [StreamDescription] {
        let parts: [Part]
        if isLines || options.path != nil {
            parts = [try part(for: "")]
        } else {
            parts = try self.parts { _ in false }
            if parts.isEmpty { _ = try part(for: "") }
        }
        var streams: [StreamDescription] = []
        for part in parts {
            let columns = try JSONColumns(self, part, context)
            streams.append(
                StreamDescription(
                    parts.count == 1 ? file.name : part.name,
                    fields: zip(columns.names, columns.samples).map { name, sample in
                        StreamDescription.Field(name, .text, sample: sample)
                    },
                    found: found(part)
                )
            )
        }
        return streams
    }

    package func reader(
        _ request: PullRequest,
        _ context: OperationContext
    ) throws(ConnectorFailure) -> any RecordReader {
        try JSONRecordReader(self, part(for: request.stream), request, context)
    }

    /// What was found or told, for whoever looks at the run.
    func found(_ part: Part) -> [String: String] {
        ["format": isLines ? "ndjson" : "json", "encoding": "utf-8", "json_path": part.name]
    }
}
