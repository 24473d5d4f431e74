use presence_runtime::Presence;

#[derive(Presence)]
struct Texts {
    #[presence(max_chars = 8, pattern = "^.*$")]
    dot: String,
    #[presence(max_chars = 8, pattern = r"^\s+\w*$")]
    space: String,
    #[presence(max_chars = 8, pattern = r"\bword\b")]
    boundary: String,
    #[presence(max_chars = 8, pattern = r"^\p{L}*$")]
    letters: String,
    #[presence(max_chars = 8, pattern = r"^(a|b)\1$")]
    again: String,
    #[presence(max_chars = 8, pattern = "^(?=a)")]
    ahead: String,
    #[presence(max_chars = 8, pattern = "[a-z")]
    open: String,
    #[presence(max_chars = 8, pattern = "[z-a]")]
    turned: String,
    #[presence(max_chars = 8, pattern = "a{2000}")]
    many: String,
    #[presence(max_chars = 8, pattern = 'a')]
    character: String,
    #[presence(pattern = "^a$")]
    number: u32,
}

fn main() {}
