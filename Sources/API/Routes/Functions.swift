internal import HTTPServer
internal import JSON
internal import Mapping

/// The functions that transforms can use.
enum FunctionTopic {
    static func topic(_ context: APIContext) -> Topic {
        let topics = MappingFunction.Topic.allCases.map { topic -> JSONValue in
            ["name": .string(topic.rawValue), "label": topic.label.json]
        }
        let answer = Response.json([
            "topics": .array(topics), "items": .array(MappingFunction.catalogue.map(\.json)),
        ]).tagged()
        return Topic(
            "Functions",
            "The functions that the transforms of mappings can use.",
            schemas: ["Function": MappingFunction.schema],
            endpoints: [
                Endpoint(
                    .get,
                    "/functions",
                    "listFunctions",
                    "Lists the functions that transforms can use, by topic.",
                    answers: [
                        .ok(
                            .object(
                                .required(
                                    "topics",
                                    .list(of: .object(.required("name", .string), .required("label", Label.schema)))
                                ),
                                .required("items", .list(of: .reference("Function")))
                            )
                        )
                    ],
                    isVersioned: true
                ) { _ in answer }
            ]
        )
    }
}

extension Label {
    /// For people, by language.
    static let schema = Schema.object(.required("en", .string), .required("ar", .string))

    var json: JSONValue { ["en": .string(english), "ar": .string(arabic)] }
}

extension MappingFunction {
    fileprivate static let schema = Schema.object(
        .required("name", .string),
        .required("topic", .oneOf(Topic.self)),
        .required("signature", .string, "As it is written, optional parts in brackets."),
        .required("summary", .string, "What it does, in English; `help` has it in Arabic too."),
        .required("help", Label.schema),
        .required("input", .string.orNull, "The type it is applied to; null takes any."),
        .required("inputs", .list(of: .string), "All types it can be applied to; empty for any."),
        .required("result", .string.orNull, "The type it makes; null makes the type it was applied to."),
        .required("results", .list(of: .string), "All types it can make, by its arguments."),
        .required(
            "parameters",
            .list(
                of: .object(
                    .required("name", .string),
                    .required("kind", .oneOf(Parameter.Kind.self)),
                    .required("help", Label.schema),
                    .required("is_optional", .bool),
                    .required("default", .string.orNull, "What counts where it is left out, as it would be written."),
                    .required("is_variadic", .bool)
                )
            )
        ),
        .required(
            "examples",
            .list(
                of: .object(
                    .required("transform", .string),
                    .required("value", .string.orNull, "What it is applied to; null for an empty value."),
                    .required("fields", .map(of: .string), "Other fields that the transform names."),
                    .required("result", .string.orNull, "What comes out; null for an empty value."),
                    .required("rejected", .string.orNull, "The code with which the value is refused.")
                )
            )
        )
    )

    fileprivate var json: JSONValue {
        [
            "name": .string(name), "topic": .string(topic.rawValue), "signature": .string(signature),
            "summary": .string(summary.english), "help": summary.json,
            "input": .text(inputs.first?.rawValue), "inputs": .array(inputs.map { .string($0.rawValue) }),
            "result": .text(results.first?.rawValue), "results": .array(results.map { .string($0.rawValue) }),
            "parameters": .array(parameters.map(\.json)), "examples": .array(examples.map(\.json)),
        ]
    }
}

extension MappingFunction.Parameter {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "kind": .string(kind.rawValue), "help": help.json, "is_optional": .bool(isOptional),
            "default": .text(standard), "is_variadic": .bool(isVariadic),
        ]
    }
}

extension MappingFunction.Example {
    fileprivate var json: JSONValue {
        var fields: JSONObject = [:]
        for (name, value) in self.fields.sorted(by: { $0.key < $1.key }) { fields[name] = .string(value) }
        let (result, rejected): (JSONValue, JSONValue) =
            switch outcome {
            case .value(let text): (.string(text), .null)
            case .empty: (.null, .null)
            case .reject(let code): (.null, .string(code))
            }
        return [
            "transform": .string(transform), "value": value.map(JSONValue.string) ?? .null, "fields": .object(fields),
            "result": result, "rejected": rejected,
        ]
    }
}
