package import ConnectorHost
package import Identifiers
internal import JSON
internal import Store

/// Where uploaded files lie.
package protocol InputFiles: Sendable {
    /// Nil if there is none (any more) of this tenant.
    func inputFile(_ id: UUID, tenant: UUID) async throws -> InputFile?
}

/// A file that a run reads.
package struct InputFile: Sendable, Equatable {
    /// What the connector knows it by: `people.csv`.
    package var name: String
    /// What the host opens.
    package var path: String
    /// In bytes, if known: tells how far a run is.
    package var size: Int64?
    /// Where it lies in its tenant's folder; nil for another.
    package var place: PullRequest.Input.Place?
    /// What is declared beside it.
    package var manifest: FileManifest?
    /// Of its content, in 64 digits, if known.
    package var sha256: String?

    package init(
        name: String,
        path: String,
        size: Int64? = nil,
        place: PullRequest.Input.Place? = nil,
        sha256: String? = nil
    ) {
        self.name = name
        self.path = path
        self.size = size
        self.place = place
        self.sha256 = sha256
    }

    var input: PullRequest.Input { PullRequest.Input(name: name, path: path, place: place) }

    /// The file that a run reads a stream from; nil where the connector needs none.
    ///
    /// The run's input names it: `{"path": "/…/people.csv"}`, from the command line only, or `{"file_id": "…"}` for an
    /// uploaded one, whatever the stream; `{"files": {"people": "…"}}` for one upload per stream.
    static func of(_ stream: String, in run: Run, files: (any InputFiles)?) async throws -> InputFile? {
        if let path = run.input["path"]?.stringValue {
            var file = InputFile(name: path.split(separator: "/").last.map(String.init) ?? path, path: path)
            if let json = run.input["manifest"], json.objectValue != nil {
                file.manifest = try FileManifest(json: json)
            }
            return file
        }
        guard let text = (run.input["files"]?[stream] ?? run.input["file_id"])?.stringValue else { return nil }
        if let id = UUID(text), let file = try await files?.inputFile(id, tenant: run.tenant) { return file }
        throw ConnectorError(
            .config,
            code: "file_gone",
            message: "The uploaded file \(text) is not there any more. Upload it again, then sync."
        )
    }
}
