use presence_runtime::Presence;

#[derive(Presence)]
struct Cursor {
    #[presence(validate = is_even)]
    even: u32,
    #[presence(validate = of_text)]
    x: u32,
    #[presence(validate = nowhere)]
    y: u32,
}

#[derive(Presence)]
struct Odd {
    #[presence(validate = |x| Ok(()))]
    closure: u32,
}

#[derive(Presence)]
enum Tool {
    Pen(#[presence(validate = is_even)] u32),
}

fn is_even(number: &u32) -> bool {
    number % 2 == 0
}

fn of_text(text: &String) -> Result<(), String> {
    Err(text.clone())
}

fn main() {}
