import API
import HTTPServer
import Identifiers
import JSON

/// Endpoints that show what happens around handlers, and nothing else.
enum TrialTopic {
    struct Secret: Error, CustomStringConvertible {
        var description: String { "the password is hunter2" }
    }

    static let topic = Topic(
        "Trial",
        "For tests.",
        schemas: [
            "Trial": .closed(
                .required("name", .text(1...10)),
                .optional("size", .integer(0...100)),
                .optional("inner", .reference("TrialInner"))
            ),
            "TrialInner": .closed(.required("kind", .oneOf(["one", "two"]))),
        ],
        endpoints: [
            Endpoint(
                .post,
                "/trials",
                "createTrial",
                "Gives the content back.",
                body: .json(.reference("Trial"), isRequired: true, limit: 2_000),
                answers: [.ok(.anyObject)]
            ) { .json($0.json ?? .null) },
            Endpoint(
                .get,
                "/trials",
                "listTrials",
                "Counts.",
                parameters: Paging.parameters + [
                    .query("kind", .list(of: .oneOf(["one", "two"])), "Any of them."),
                    .query("since", .time, "From when on."),
                    .query("deep", .bool, "Whether."),
                ],
                answers: [.ok(.page(of: .integer))]
            ) { call in
                _ = (try call.query.texts("kind"), try call.query.time("since"), try call.query.bool("deep"))
                let start = try call.pageAfter()?.major ?? 0
                let end = min(start + Int64(try call.pageLimit()), 120)
                return call.page((start..<end).map { .integer($0) }, next: end < 120 ? (end, 0) : nil)
            },
            Endpoint(
                .patch,
                "/trials/{id}",
                "changeTrial",
                "Is at version 7.",
                body: .optionalJSON(.closed()),
                answers: [.ok(.anyObject)],
                isVersioned: true
            ) { call in
                try call.requireMatch(version: 7)
                return Response.json(["id": .string(try call.path.id("id").description)]).tagged(version: 7)
            },
            Endpoint(
                .get,
                "/trials/{id}",
                "getTrial",
                "Is at version 7.",
                answers: [.ok(.anyObject)],
                isVersioned: true
            ) { _ in Response.json(["a": 1]).tagged(version: 7) },
            Endpoint(.get, "/trials/failing", "failTrial", "Fails.", answers: [.noContent]) { _ in throw Secret() },
        ]
    )
}
