//! The providers that the Python tool knows by name, in the order in which it tries them.

/// A provider by its name.
#[derive(Debug)]
pub(super) struct Spec {
    /// Its name in `providers`, in `snake_case`.
    pub(super) name: &'static str,
    /// Parts of names of models that are its own.
    pub(super) keywords: &'static [&'static str],
    /// What it speaks that is not OpenAI's chat API.
    pub(super) foreign: Option<&'static str>,
    /// Where it is, unless `apiBase` says otherwise.
    pub(super) base: Option<&'static str>,
    pub(super) sort: Sort,
    /// Which beginnings `x/` of a model's name it does not understand.
    pub(super) strips: Strips,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Somebody's service, which wants a key.
    Service,
    /// The same, and it has many providers' models.
    Gateway,
    /// A server of one's own, without a key as a rule.
    Local,
    /// Neither a key nor a default address says that it is configured.
    Direct,
    /// Its login is made in the browser.
    OAuth,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strips {
    Nothing,
    /// All of them.
    All,
    /// These names.
    Names(&'static [&'static str]),
}

impl Spec {
    const fn new(
        sort: Sort,
        name: &'static str,
        keywords: &'static [&'static str],
        base: Option<&'static str>,
    ) -> Self {
        Self {
            name,
            keywords,
            foreign: None,
            base,
            sort,
            strips: Strips::Nothing,
        }
    }

    const fn strips(self, strips: Strips) -> Self {
        Self { strips, ..self }
    }
}

const fn service(
    name: &'static str,
    keywords: &'static [&'static str],
    base: &'static str,
) -> Spec {
    Spec::new(Sort::Service, name, keywords, Some(base))
}

const fn gateway(
    name: &'static str,
    keywords: &'static [&'static str],
    base: &'static str,
) -> Spec {
    Spec::new(Sort::Gateway, name, keywords, Some(base))
}

/// The Python tool sends `ollama/llama3` as it is, which no such server knows.
const fn local(
    name: &'static [&'static str; 1],
    keywords: &'static [&'static str],
    base: Option<&'static str>,
) -> Spec {
    Spec::new(Sort::Local, name[0], keywords, base).strips(Strips::Names(name))
}

const fn foreign(
    sort: Sort,
    name: &'static str,
    keywords: &'static [&'static str],
    speaks: &'static str,
) -> Spec {
    Spec {
        foreign: Some(speaks),
        ..Spec::new(sort, name, keywords, None)
    }
}

const ANTHROPIC: &str = "Anthropic's own API";
const ZEN: Strips = Strips::Names(&["opencode", "opencode_zen"]);

pub(super) const SPECS: &[Spec] = &[
    Spec::new(Sort::Direct, "custom", &[], None),
    foreign(
        Sort::Direct,
        "azure_openai",
        &["azure", "azure-openai"],
        "Azure's own API",
    ),
    foreign(
        Sort::Direct,
        "bedrock",
        &[
            "bedrock",
            "anthropic.claude",
            "amazon.nova",
            "meta.",
            "mistral.",
            "cohere.",
            "qwen.",
            "deepseek.",
            "openai.gpt-oss",
            "ai21.",
            "moonshot.",
            "writer.",
            "zai.",
        ],
        "the API of AWS Bedrock",
    ),
    gateway(
        "openrouter",
        &["openrouter"],
        "https://openrouter.ai/api/v1",
    ),
    gateway(
        "orcarouter",
        &["orcarouter"],
        "https://api.orcarouter.ai/v1",
    ),
    gateway("edenai", &["edenai"], "https://api.edenai.run/v3"),
    gateway("opencode", &["opencode"], "https://opencode.ai/zen/v1").strips(ZEN),
    gateway(
        "opencode_zen",
        &["opencode-zen"],
        "https://opencode.ai/zen/v1",
    )
    .strips(ZEN),
    gateway(
        "opencode_go",
        &["opencode-go"],
        "https://opencode.ai/zen/go/v1",
    )
    .strips(Strips::Names(&["opencode_go"])),
    gateway(
        "huggingface",
        &["huggingface", "hugging-face"],
        "https://router.huggingface.co/v1",
    ),
    gateway(
        "skywork",
        &["skywork", "skyclaw", "apifree"],
        "https://api.apifree.ai/agent/v1",
    ),
    gateway("aihubmix", &["aihubmix"], "https://aihubmix.com/v1").strips(Strips::All),
    gateway(
        "siliconflow",
        &["siliconflow"],
        "https://api.siliconflow.cn/v1",
    ),
    gateway("novita", &["novita"], "https://api.novita.ai/openai"),
    gateway(
        "volcengine",
        &["volcengine", "volces", "ark"],
        "https://ark.cn-beijing.volces.com/api/v3",
    ),
    gateway(
        "volcengine_coding_plan",
        &["volcengine-plan"],
        "https://ark.cn-beijing.volces.com/api/coding/v3",
    )
    .strips(Strips::All),
    gateway(
        "byteplus",
        &["byteplus"],
        "https://ark.ap-southeast.bytepluses.com/api/v3",
    )
    .strips(Strips::All),
    gateway(
        "byteplus_coding_plan",
        &["byteplus-plan"],
        "https://ark.ap-southeast.bytepluses.com/api/coding/v3",
    )
    .strips(Strips::All),
    foreign(
        Sort::Service,
        "anthropic",
        &["anthropic", "claude"],
        ANTHROPIC,
    ),
    service("openai", &["openai", "gpt"], "https://api.openai.com/v1"),
    foreign(
        Sort::OAuth,
        "openai_codex",
        &["openai-codex"],
        "a login in the browser",
    ),
    foreign(
        Sort::OAuth,
        "xai_grok",
        &["xai-grok"],
        "a login in the browser",
    ),
    foreign(
        Sort::OAuth,
        "github_copilot",
        &["github_copilot", "copilot"],
        "a login in the browser",
    ),
    service("deepseek", &["deepseek"], "https://api.deepseek.com"),
    service(
        "gemini",
        &["gemini", "gemma"],
        "https://generativelanguage.googleapis.com/v1beta/openai/",
    ),
    service(
        "zhipu",
        &["zhipu", "glm", "zai"],
        "https://open.bigmodel.cn/api/paas/v4",
    ),
    service(
        "dashscope",
        &["qwen", "dashscope"],
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
    ),
    gateway(
        "modelscope",
        &["modelscope"],
        "https://api-inference.modelscope.cn/v1",
    )
    .strips(Strips::Names(&["modelscope"])),
    service(
        "moonshot",
        &["moonshot", "kimi"],
        "https://api.moonshot.ai/v1",
    ),
    foreign(
        Sort::Service,
        "kimi_coding",
        &["kimi-coding", "kimi-for-coding"],
        ANTHROPIC,
    ),
    service("minimax", &["minimax"], "https://api.minimax.io/v1"),
    foreign(
        Sort::Service,
        "minimax_anthropic",
        &["minimax_anthropic"],
        ANTHROPIC,
    ),
    service(
        "mistral",
        &["mistral", "magistral", "ministral", "codestral", "devstral"],
        "https://api.mistral.ai/v1",
    ),
    service(
        "stepfun",
        &["stepfun", "step"],
        "https://api.stepfun.com/v1",
    ),
    service(
        "xiaomi_mimo",
        &["xiaomi_mimo", "mimo"],
        "https://api.xiaomimimo.com/v1",
    ),
    service(
        "longcat",
        &["longcat"],
        "https://api.longcat.chat/openai/v1",
    ),
    service(
        "ant_ling",
        &["ant_ling", "ling-", "ring-"],
        "https://api.ant-ling.com/v1",
    ),
    local(&["vllm"], &["vllm"], None),
    local(
        &["ollama"],
        &["ollama", "nemotron"],
        Some("http://localhost:11434/v1"),
    ),
    local(
        &["lm_studio"],
        &["lm-studio", "lmstudio"],
        Some("http://localhost:1234/v1"),
    ),
    local(
        &["atomic_chat"],
        &["atomic-chat", "atomicchat"],
        Some("http://localhost:1337/v1"),
    ),
    local(
        &["ovms"],
        &["openvino", "ovms"],
        Some("http://localhost:8000/v3"),
    ),
    service(
        "nvidia",
        &["nvidia", "nemotron", "nvapi"],
        "https://integrate.api.nvidia.com/v1",
    ),
    service("groq", &["groq"], "https://api.groq.com/openai/v1"),
    service(
        "qianfan",
        &["qianfan", "ernie"],
        "https://qianfan.baidubce.com/v2",
    ),
];
