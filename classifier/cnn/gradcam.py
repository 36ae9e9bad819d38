"""Where a network looked: Grad-CAM (Selvaraju et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifier.cnn.net import Classifier
from classifier.exceptions import NoSuchNetwork


def gradcam(network: Classifier, pictures: Tensor, classes: Sequence[int]) -> NDArray[np.float32]:
    """Return how much each place of each picture spoke for its class: B x h x w, 0..1.

    `pictures` are B x 3 x size x size, as the network wants them, `classes` the number of a class
    for each. Only the last map is differentiated, never a parameter, so threads may share the
    network. A picture of which no place speaks for the class has zeros everywhere.
    Raises NoSuchNetwork when the network keeps no map of places.
    """
    with torch.inference_mode(mode=False):
        with torch.no_grad():
            places = network.places(pictures)
        if places.dim() != 4:
            raise NoSuchNetwork(
                "This network's last layer keeps no map of places, as those built on attention "
                "do not: Grad-CAM cannot show where it looked."
            )
        with torch.enable_grad():
            places = places.detach().clone().requires_grad_()
            backbone = network.backbone
            logits = backbone.get_classifier()(backbone.forward_head(places, pre_logits=True))
            chosen = torch.tensor(classes, device=logits.device).unsqueeze(1)
            (slopes,) = torch.autograd.grad(logits.gather(1, chosen).sum(), places)
    # Swin and its kind keep the features last.
    if places.shape[1] != backbone.num_features == places.shape[3]:
        slopes, places = slopes.movedim(3, 1), places.movedim(3, 1)
    weights = slopes.mean(dim=(2, 3), keepdim=True)
    maps = (weights * places.detach()).sum(dim=1).clamp(min=0)
    strongest = maps.amax(dim=(1, 2), keepdim=True).clamp(min=1e-12)
    found: NDArray[np.float32] = (maps / strongest).float().cpu().numpy()
    return found
