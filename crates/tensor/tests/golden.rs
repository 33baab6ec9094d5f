//! Values, gradients and second derivatives beside those of PyTorch in `golden/ops_torch.json`.

#[path = "golden/distance.rs"]
mod distance;
#[path = "golden/torch.rs"]
mod torch;

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    let file = torch::file();
    for case in torch::cases() {
        for distance in torch::distances(&file, case) {
            let (name, what, relative) = (case.0, distance.what, distance.relative);
            let is_near = relative <= torch::tolerance(name, &what);
            assert!(is_near, "{name}, {what}: the relative distance is {relative:e}");
        }
    }
}
