internal import HTTPServer
internal import Synchronization

/// The document itself.
enum DocumentTopic {
    /// Holds the document's bytes once all endpoints, this one too, are described in it.
    final class Holder: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        func set(_ document: [UInt8]) { bytes.withLock { $0 = document } }
        var document: [UInt8] { bytes.withLock { $0 } }
    }

    static func topic(_ holder: Holder) -> Topic {
        Topic(
            "Document",
            "This description.",
            endpoints: [
                .open(
                    .get,
                    "/openapi.json",
                    "getDocument",
                    "Describes this API as OpenAPI 3.1.",
                    answers: [.ok(.anyObject)]
                ) { _ in .json(bytes: holder.document) }
            ]
        )
    }
}
