internal import JSON

/// The connectors of the plug-in folder, and the files there that can't be used.
package struct Catalog: Sendable {
    /// By id.
    package var connectors: [InstalledConnector]
    /// By path.
    package var refused: [RefusedFile]
}

/// A connector file that may be run.
package struct InstalledConnector: Sendable {
    package var manifest: Manifest
    package var path: String
    /// Bytes of the file.
    package var size: UInt64

    package var id: String { manifest.id }
    /// The file's name, for messages.
    package var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// A file of the plug-in folder that may not be run: why, and what to do.
package struct RefusedFile: Sendable, Equatable {
    package var path: String
    package var reason: String
    package var hint: String

    /// Files and folders besides it that its sentences name, as they stand there.
    private let places: [String]

    package init(path: String, reason: String, hint: String, places: [String] = []) {
        self.path = path
        self.reason = reason
        self.hint = hint
        self.places = places
    }

    /// The same with names in place of paths: where files lie is the operator's matter.
    package var withoutFolders: RefusedFile {
        func name(of place: String) -> String { place.split(separator: "/").last.map(String.init) ?? place }
        var told = RefusedFile(path: name(of: path), reason: reason, hint: hint)
        // The folder of a file is the beginning of the file's path.
        for place in ([path] + places).sorted(by: { $0.utf8.count > $1.utf8.count }) where place.utf8.count > 1 {
            told.reason = told.reason.replacing(every: place, with: name(of: place))
            told.hint = told.hint.replacing(every: place, with: name(of: place))
        }
        return told
    }

    var error: ConnectorError {
        ConnectorError(
            .forbidden,
            code: "connector_refused",
            message: "The connector file \(path) can't be used: \(reason). \(hint)",
            isAboutTheHost: true
        )
    }
}
